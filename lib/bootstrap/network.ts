/** The network of a node whose address is given by us, not by DHCP. */
export interface NodeNetwork {
  address: string;
  /** Length of its network's prefix. */
  prefix: number;
  gateway?: string;
  nameservers: readonly string[];
  searchDomains: readonly string[];
  /** MAC addresses of all NICs in device order. The first has the address; the others ask DHCP. */
  nics: readonly string[];
}

/**
 * Renders a network-config of version 2 for cloud-init. NICs are found by their MAC addresses, for what they are called in the
 * guest depends on the image. The way out is `gateway4`, though netplan has another word for it by now: what cloud-init makes of
 * `routes` for ifupdown needs a program (route) that Debian no longer has.
 * https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v2.html
 */
export function renderNetwork({ address, prefix, gateway, nameservers, searchDomains, nics }: NodeNetwork): object {
  const ethernets = nics.map((macaddress, index) => {
    const match = { macaddress };
    // The way out is the first NIC's, whatever another network's DHCP server offers.
    if (index > 0) return { match, dhcp4: true, 'dhcp4-overrides': { 'use-routes': false, 'use-dns': false } };
    return {
      match,
      dhcp4: false,
      addresses: [`${address}/${prefix}`],
      ...(gateway && { gateway4: gateway }),
      nameservers: { addresses: nameservers, search: searchDomains },
    };
  });
  return { version: 2, ethernets: Object.fromEntries(ethernets.map((nic, index) => [`nic${index}`, nic])) };
}
