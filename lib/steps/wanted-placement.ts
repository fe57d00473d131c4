import type { ConnectionValues } from '../api/secret-values.ts';
import { type Network, networksOf } from '../cluster/placement.ts';
import type { NodePool } from '../cluster/pool.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { invalidSpec } from '../errors.ts';
import type { WantedPlacement } from '../operations/placement/locate.ts';

/** The NICs of a pool's nodes: its own, else its cluster's, else its connection's. @throws InvalidSpec */
export function wantedNetworks(
  connection: Pick<ConnectionValues, 'network' | 'networks'>,
  spec: Pick<ClusterSpec, 'network' | 'networks'>,
  pool: Pick<NodePool, 'name' | 'network' | 'networks' | 'memory' | 'ram'>,
): Network[] {
  const networks = networksOf(pool) ?? networksOf(spec) ?? networksOf(connection) ?? [];
  if (networks.some(({ type }) => type === 'sriov') && pool.memory?.reservation !== pool.ram) {
    throw invalidSpec(
      `pool ${pool.name}: an SR-IOV NIC needs all memory reserved: set memory.reservation to ram (${pool.ram})`,
    );
  }
  return networks;
}

/**
 * The placement that a pool's nodes are to have: the pool's fields before its cluster's before its connection's defaults.
 * @param key by which the answer is found
 * @param nodes serials of the nodes to place
 */
export function wantedPlacement(
  connection: ConnectionValues,
  spec: ClusterSpec,
  pool: NodePool,
  key: string,
  nodes: number[],
): WantedPlacement {
  const field = (name: 'datacenter' | 'folder' | 'resourcePool' | 'datastore' | 'storagePolicy') =>
    pool[name] ?? spec[name] ?? connection[name];
  const furtherDisks = (pool.disks ?? []).reduce((sum, { size }) => sum + size, 0);
  return {
    key,
    datacenter: field('datacenter'),
    folder: field('folder'),
    resourcePool: field('resourcePool'),
    datastore: field('datastore'),
    networks: wantedNetworks(connection, spec, pool).map(({ name }) => name),
    template: pool.template ?? connection.defaultNodeTemplate,
    snapshot: pool.snapshot ?? (pool.linkedClone || undefined),
    storagePolicy: field('storagePolicy'),
    nodes,
    diskGiB: pool.disk,
    // A VM that is on has a swap file of the memory that is not reserved.
    furtherGiB: furtherDisks + (pool.ram - (pool.memory?.reservation ?? 0)) / 1024,
    linked: pool.linkedClone,
  };
}
