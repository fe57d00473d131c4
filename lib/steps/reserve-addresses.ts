import { formatRange } from '../cluster/address-range.ts';
import { addressesOf, usableRanges } from '../cluster/addresses.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Node } from '../cluster/node.ts';
import { domainOf } from '../cluster/pool.ts';
import { eachLimited } from '../each-limited.ts';
import { SlipwayError } from '../errors.ts';
import { AddressBook } from '../store/addresses.ts';
import { updateFields } from '../store/nodes.ts';

/** Records written at once. */
const AT_ONCE = 40;

/**
 * Gives each node that is to be made, and whose pool has a range, an address of it, and records it with the node. What another try of the
 * step has given stays.
 * @param nodes as recorded, with the serials that they have
 * @throws OutOfResources naming the pool and its range, where there is none left for one of them
 */
export async function reserveAddresses(cluster: Cluster, nodes: readonly Node[]): Promise<void> {
  const wanted = nodes.flatMap((node) => {
    const pool = cluster.spec.nodepools.find(({ name }) => name === node.pool);
    const addresses = pool && addressesOf(pool, domainOf(pool, node.placement));
    return addresses && node.status === 'planned' && !node.reservedAddress ? [{ node, addresses }] : [];
  });
  if (wanted.length === 0) return;
  const book = await AddressBook.read(cluster.organization);
  await eachLimited(wanted, AT_ONCE, async ({ node, addresses }) => {
    const address = await book.reserve(node, usableRanges(addresses));
    if (address === undefined) {
      const range = usableRanges(addresses).map(formatRange).join(', ');
      const where = node.placement === undefined ? '' : ` (placement ${node.placement})`;
      throw new SlipwayError(
        'OutOfResources',
        `Cluster ${cluster.name}: no address is left for ${node.name}: all of ${range}, the range of pool ${node.pool}${where}, are nodes'. Give the pool a larger range, or remove nodes.`,
        409,
      );
    }
    await updateFields(
      node.clusterId,
      node.name,
      { reservedAddress: address },
      {
        condition: 'serial = :serial AND attribute_not_exists(reservedAddress)',
        values: { ':serial': node.serial },
      },
    );
  });
}
