#!/bin/sh
# The first boot, in the order of cloud-init's systemd units.
set -eu
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ip link add ens192 type veth peer name veth0
ip link set ens192 up
ip link set veth0 up
/usr/lib/cloud-init/ds-identify
cloud-init init --local
# What DHCP would give.
ip address add 10.0.0.9/24 dev ens192
cloud-init init
hostname >/answers/hostname
cloud-init schema --system >/answers/schema 2>&1 || true
cloud-init modules --mode=config
cloud-init modules --mode=final
cloud-init query --all >/answers/query.json
