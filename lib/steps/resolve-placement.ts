import { onVCenter } from '../connector/dispatch.ts';
import { resolvePlacement as operation } from '../operations/resolve-placement.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { onCluster } from './step-input.ts';

/** Resolves the names of a cluster's placement to references, once for a wave. @throws the operation's errors */
export async function resolvePlacement(value: unknown) {
  const { clusterId } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  const { spec } = cluster;
  return await onVCenter(cluster, operation, (defaults) => ({
    datacenter: spec.datacenter ?? defaults.datacenter,
    folder: spec.folder ?? defaults.folder,
    resourcePool: spec.resourcePool ?? defaults.resourcePool,
    datastore: spec.datastore ?? defaults.datastore,
    templates: [...new Set(spec.nodepools.map((pool) => pool.template ?? defaults.defaultNodeTemplate ?? ''))],
  }));
}
