#!/bin/sh
# What the build of an image does last, on a machine that has what an installer and a first life leave.
set -eu
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
echo image >/etc/hostname
ssh-keygen -q -A
cp /etc/ssh/ssh_host_ed25519_key.pub /answers/old-key.pub
printf 'auto ens192\niface ens192 inet dhcp\n' >>/etc/network/interfaces
mkdir -p /etc/netplan /var/lib/cloud/instances/old
echo 'network: { version: 2 }' >/etc/netplan/00-installer.yaml
echo 'network: { config: disabled }' >/etc/cloud/cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg
echo 'datasource_list: [ None ]' >/etc/cloud/cloud.cfg.d/99-installer.cfg
echo 'what the installer was told' >/var/log/installer.log

cp /images/files/99-slipway.cfg /tmp/
sh /images/scripts/cloud-init.sh
KUBERNETES_VERSION=1.36.1 sh /images/scripts/check.sh >/answers/check || true
sh /images/scripts/seal.sh
rm -f /answers/tools
