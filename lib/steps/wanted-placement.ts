import type { ConnectionValues } from '../api/secret-values.ts';
import { type Network, networksOf } from '../cluster/placement.ts';
import type { FailureDomain, NodePool } from '../cluster/pool.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { invalidSpec } from '../errors.ts';
import type { WantedPlacement } from '../operations/placement/locate.ts';

type Nics = Pick<ConnectionValues, 'network' | 'networks'>;

/**
 * Where names come from, the narrowest first. On another vCenter than the cluster's own, what the pool and the cluster name
 * means nothing: there the connection's defaults follow.
 */
function layers<C, S, P>(connection: C, spec: S, pool: P, domain: FailureDomain | undefined) {
  if (domain?.secretId || domain?.secretName) return [domain, connection];
  return domain ? [domain, pool, spec, connection] : [pool, spec, connection];
}

/**
 * The NICs of nodes: their failure domain's, else their pool's, else their cluster's, else their connection's.
 * @throws InvalidSpec
 */
export function wantedNetworks(
  connection: Nics,
  spec: Nics,
  pool: Nics & Pick<NodePool, 'name' | 'memory' | 'ram'>,
  domain?: FailureDomain,
): Network[] {
  const [networks = []] = layers(connection, spec, pool, domain).flatMap((each) =>
    [networksOf(each) ?? []].filter(({ length }) => length),
  );
  if (networks.some(({ type }) => type === 'sriov') && pool.memory?.reservation !== pool.ram) {
    throw invalidSpec(
      `pool ${pool.name}: an SR-IOV NIC needs all memory reserved: set memory.reservation to ram (${pool.ram})`,
    );
  }
  return networks;
}

/** The template of nodes, by the same rule. */
export function templateOf(
  connection: Pick<ConnectionValues, 'defaultNodeTemplate'>,
  pool: Pick<NodePool, 'template'>,
  domain: FailureDomain | undefined,
): string | undefined {
  const elsewhere = domain?.secretId ?? domain?.secretName;
  return domain?.template ?? (elsewhere ? undefined : pool.template) ?? connection.defaultNodeTemplate;
}

/** The datacenter of nodes, by the same rule. */
export function datacenterOf(
  connection: Pick<ConnectionValues, 'datacenter'>,
  spec: Pick<ClusterSpec, 'datacenter'>,
  pool: Pick<NodePool, 'datacenter'>,
  domain: FailureDomain | undefined,
): string | undefined {
  return layers(connection, spec, pool, domain).find((each) => each?.datacenter !== undefined)?.datacenter;
}

/**
 * The placement that nodes are to have: their failure domain's fields before their pool's before their cluster's before their
 * connection's defaults.
 * @param key by which the answer is found
 * @param nodes serials of the nodes to place
 */
export function wantedPlacement(
  connection: ConnectionValues,
  spec: ClusterSpec,
  pool: NodePool,
  domain: FailureDomain | undefined,
  key: string,
  nodes: number[],
): WantedPlacement {
  const field = (name: 'datacenter' | 'folder' | 'resourcePool' | 'datastore' | 'storagePolicy') =>
    layers(connection, spec, pool, domain).find((each) => each[name] !== undefined)?.[name];
  const furtherDisks = (pool.disks ?? []).reduce((sum, { size }) => sum + size, 0);
  return {
    key,
    datacenter: field('datacenter'),
    folder: field('folder'),
    resourcePool: field('resourcePool'),
    datastore: field('datastore'),
    networks: wantedNetworks(connection, spec, pool, domain).map(({ name }) => name),
    template: templateOf(connection, pool, domain),
    snapshot: pool.snapshot ?? (pool.linkedClone || undefined),
    storagePolicy: field('storagePolicy'),
    nodes,
    diskGiB: pool.disk,
    // A VM that is on has a swap file of the memory that is not reserved.
    furtherGiB: furtherDisks + (pool.ram - (pool.memory?.reservation ?? 0)) / 1024,
    linked: pool.linkedClone,
  };
}
