#!/bin/sh
# The first boot, in the order of cloud-init's systemd units. /nics has the MAC addresses that the hypervisor gave the NICs.
set -eu
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# As the installation of packages does: netplan looks for its library there.
ldconfig
ip link set lo up
[ ! -d /mirror ] || python3 -m http.server --bind 127.0.0.1 --directory /mirror 8000 >/dev/null 2>&1 &
names=ens192
# A guest may see its NICs in another order than they are in: its first one has the last name here.
[ ! -s /nics ] || names='ens224 ens192'
for name in $names; do
  ip link add "$name" type veth peer name "peer-$name"
  ! read -r address || ip link set "$name" address "$address"
  ip link set "$name" up
  ip link set "peer-$name" up
done </nics
/usr/lib/cloud-init/ds-identify
cloud-init init --local
if [ ! -s /nics ]; then
  # What DHCP would give.
  ip address add 10.0.0.9/24 dev ens192
elif [ -e /etc/netplan/50-cloud-init.yaml ]; then
  netplan generate
  ip address add "$(sed -n 's/^Address=//p' /run/systemd/network/10-netplan-nic0.network)" dev ens224
else
  mkdir -p /run/network
  ifup ens224
fi
ip -4 -o address show >/answers/addresses
ip -4 route show >/answers/routes
cloud-init init
hostname >/answers/hostname
cloud-init schema --system >/answers/schema 2>&1 || true
cloud-init modules --mode=config
cloud-init modules --mode=final
cloud-init query --all >/answers/query.json
