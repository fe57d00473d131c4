#!/bin/sh
# cloud-init reads vSphere's guestinfo at the first boot, and nothing that the installer told it.
set -eu

install -m 0644 /tmp/99-slipway.cfg /etc/cloud/cloud.cfg.d/99-slipway.cfg
rm -f /tmp/99-slipway.cfg
# Left by Ubuntu's installer: its own answers, and that the network is none of cloud-init's business.
rm -f /etc/cloud/cloud.cfg.d/*installer*.cfg /etc/cloud/cloud.cfg.d/*disable-cloudinit-networking.cfg
rm -f /etc/cloud/cloud-init.disabled /etc/cloud/ds-identify.cfg

# Its units have had other names since cloud-init 24.3.
for unit in cloud-init-local cloud-init-main cloud-init-network cloud-init cloud-config cloud-final; do
  ! systemctl cat "$unit.service" >/dev/null 2>&1 || systemctl enable "$unit.service"
done
