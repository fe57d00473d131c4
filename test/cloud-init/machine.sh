#!/bin/sh
# Stands in for a VM on vSphere: in namespaces of its own, on the tree $1 with the changes in $2/upper, runs the scripts $3… in it.
set -eu
root=$2/root
mkdir -p "$2/work" "$root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$root"
mount -t proc proc "$root/proc"
for device in null random urandom zero; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
# The NICs are those of the network namespace, the firmware says what VMware's says.
mkdir -p "$root/run/sysfs" "$root/run/systemd"
mount -t sysfs sysfs "$root/run/sysfs"
mount -t tmpfs tmpfs "$root/sys"
mkdir -p "$root/sys/class/dmi/id"
ln -s /run/sysfs/class/net "$root/sys/class/net"
ln -s /run/sysfs/devices "$root/sys/devices"
echo 'VMware20,1' >"$root/sys/class/dmi/id/product_name"
echo 'VMware, Inc.' >"$root/sys/class/dmi/id/sys_vendor"
shift 2
exec chroot "$root" sh -c "$(cat "$@")"
