import type { NodeNetwork } from '../bootstrap/index.ts';
import { parseAddress } from '../cluster/address-range.ts';
import { addressesOf, prefixOf } from '../cluster/addresses.ts';
import { macAddressOf } from '../cluster/mac-address.ts';
import type { Node } from '../cluster/node.ts';
import { domainOf, type NodePool } from '../cluster/pool.ts';

/** The network of a node for which an address is reserved; undefined where DHCP gives it one. @param nics how many it has */
export function networkOfNode(pool: NodePool, node: Node, nics: number): NodeNetwork | undefined {
  const addresses = addressesOf(pool, domainOf(pool, node.placement));
  const { reservedAddress: address } = node;
  if (!addresses || !address) return undefined;
  const { gateway, nameservers, searchDomains } = addresses;
  return {
    address,
    prefix: prefixOf(addresses) as number,
    gateway,
    nameservers,
    searchDomains,
    nics: Array.from({ length: nics }, (_, index) => macAddressOf(parseAddress(address) as number, index)),
  };
}
