# shellcheck shell=sh
# Functions of the node program about vSphere's cloud provider, where the cluster has it. The program reads them in.

# The BIOS UUID of this VM, by which vCenter knows it; nothing where the machine does not say. The serial number is the UUID in
# the order in which vCenter writes it; in the product's UUID some firmware has the bytes of its first parts the other way round.
bios_uuid() {
  serial=$(sed -n 's/^VMware-//p' "$ROOT/sys/class/dmi/id/product_serial" 2>/dev/null | tr -d ' -' | tr 'A-F' 'a-f')
  uuid=$(printf '%s' "$serial" | sed -n 's/^\([0-9a-f]\{8\}\)\([0-9a-f]\{4\}\)\([0-9a-f]\{4\}\)\([0-9a-f]\{4\}\)\([0-9a-f]\{12\}\)$/\1-\2-\3-\4-\5/p')
  [ -n "$uuid" ] || uuid=$(tr 'A-F' 'a-f' <"$ROOT/sys/class/dmi/id/product_uuid" 2>/dev/null || true)
  printf '%s' "$uuid"
}

# The kubelet's arguments, in kubeadm's configuration. Without the id the cloud provider finds the VM out by itself.
cloud_provider_arguments() {
  echo '    - { name: cloud-provider, value: external }'
  uuid=$(bios_uuid)
  [ -z "$uuid" ] || printf '    - { name: provider-id, value: "vsphere://%s" }\n' "$uuid"
}
