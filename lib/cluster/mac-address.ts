/** VMware's prefix of MAC addresses that administrators give, and the bits behind it that are theirs (00:50:56:00 to 3f). */
const PREFIX = [0x00, 0x50, 0x56];
const NIC_BITS = 4;
const ADDRESS_BITS = 18;

/**
 * The MAC address of a NIC of a node that gets its IPv4 address from us: unique in its network, since that address is, and known before the
 * VM is made, so that the guest finds the NIC that the address is for.
 * https://techdocs.broadcom.com/us/en/vmware-cis/vsphere/vsphere/8-0/vsphere-networking/mac-addresses.html
 * @param address as a number; nodes' networks have a prefix of 14 or more, so that its last 18 bits tell it from the others'
 * @param nic the NIC's place among the VM's
 */
export function macAddressOf(address: number, nic: number): string {
  if (!Number.isInteger(nic) || nic < 0 || nic >= 1 << NIC_BITS) throw new RangeError(`NIC ${nic}`);
  const own = (nic << ADDRESS_BITS) | (address & ((1 << ADDRESS_BITS) - 1));
  return [...PREFIX, own >>> 16, (own >>> 8) & 255, own & 255]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
}
