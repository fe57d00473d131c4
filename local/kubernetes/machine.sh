#!/bin/sh
# The first process of a machine, in namespaces of its own. Arguments: root directory, name, address with the length of its
# prefix, gateway; then directories of programs as NAME=DIRECTORY, which are shown below /opt and come first in PATH, in this
# order; then `--` and what runs as the machine's first process. No mount is seen outside of the machine.
set -eu
root=$1 name=$2 address=$3 gateway=$4
shift 4

# Shows the host's directory $1 at $2, read-only.
show() {
  mkdir -p "$2"
  mount --bind "$1" "$2"
  mount -o remount,bind,ro "$2"
}

hostname "$name"
ip link set lo up
# Our end of the cable is put in from outside.
tries=1000
until ip link show eth0 >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || {
    echo "$name has no network" >&2
    exit 1
  }
  sleep 0.05
done
ip address add "$address" dev eth0
ip link set eth0 up
ip route add default via "$gateway"
# As kubeadm wants it of an image.
echo 1 >/proc/sys/net/ipv4/ip_forward
# When the machine is gone, the kernel does not keep its network for as long as peers that are gone, too, might answer.
echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries

for directory in etc var/log var/lib tmp root run dev proc sys; do mkdir -p "$root/$directory"; done
# What was there is of an earlier boot. But for the sockets of the host's relay.
find "$root/run" -mindepth 1 -maxdepth 1 ! -name 'relay-*' -exec rm -rf {} +
mkdir "$root/run/containerd"
ln -sfn /run "$root/var/run"
for device in null zero full random urandom; do
  : >>"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
# A container may not mount its own.
mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
mount --rbind /sys "$root/sys"
for directory in bin sbin lib lib64; do
  if [ -L "/$directory" ]; then
    ln -sfn "$(readlink "/$directory")" "$root/$directory"
  elif [ -d "/$directory" ]; then
    show "/$directory" "$root/$directory"
  fi
done
show /usr "$root/usr"
path=
while [ "$1" != -- ]; do
  show "${1#*=}" "$root/opt/${1%%=*}"
  path=$path/opt/${1%%=*}:
  shift
done
shift
exec chroot "$root" /usr/bin/env -i HOME=/root POLL_MAX=2 PATH="$path/usr/sbin:/usr/bin:/sbin:/bin" "$@"
