#!/bin/sh
# Makes an image of a machine: what must differ between two nodes goes, and is made again at the first boot.
set -eu

cloud-init clean --logs --seed
truncate -s 0 /etc/machine-id
rm -f /var/lib/dbus/machine-id
ln -s /etc/machine-id /var/lib/dbus/machine-id 2>/dev/null || true
rm -f /etc/ssh/ssh_host_*
rm -f /var/lib/systemd/random-seed

# The network is cloud-init's: what the installer set up for its one NIC would take part in every node's.
rm -f /etc/netplan/*.yaml /etc/NetworkManager/system-connections/* /etc/udev/rules.d/70-persistent-net.rules
[ ! -f /etc/network/interfaces ] || printf 'source /etc/network/interfaces.d/*\n' >/etc/network/interfaces
rm -f /var/lib/dhcp/* /var/lib/NetworkManager/*.lease
: >/etc/hostname

find /var/log -type f -exec truncate -s 0 {} +
rm -rf /var/log/journal/* /var/log/installer /var/log/anaconda /root/anaconda-ks.cfg /root/original-ks.cfg
rm -rf /tmp/* /var/tmp/*
rm -f /root/.bash_history /home/*/.bash_history
# A thin disk gives back what is free.
fstrim --all || true
sync
