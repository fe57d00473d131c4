import { connectionOf } from '../cluster/cluster.ts';
import { LAUNCHING } from '../cluster/node.ts';
import { domainOf, placementKey } from '../cluster/pool.ts';
import { onVCenter } from '../connector/dispatch.ts';
import type { Placements } from '../operations/placement/placement.ts';
import { resolvePlacement as operation } from '../operations/resolve-placement.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { onCluster } from './step-input.ts';
import { wantedPlacement } from './wanted-placement.ts';

/**
 * Resolves the placements of the nodes that are being launched, once for a wave, on each connection that they are on.
 * @returns placements by pool and failure domain
 * @throws the operation's errors
 */
export async function resolvePlacement(value: unknown): Promise<{ placements: Placements }> {
  const { clusterId } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  const { spec, organization } = cluster;
  const launching = (await listNodes(clusterId)).filter(({ status }) => LAUNCHING.includes(status));
  const wanted = [...Map.groupBy(launching, placementKey)].flatMap(([key, nodes]) => {
    const pool = spec.nodepools.find(({ name }) => name === nodes[0]?.pool);
    if (!pool) return [];
    const domain = domainOf(pool, nodes[0]?.placement);
    return [{ key, pool, domain, serials: nodes.map(({ serial }) => serial) }];
  });
  const placements: Placements = {};
  for (const [connectionId, own] of Map.groupBy(wanted, ({ domain }) => connectionOf(cluster, domain))) {
    const resolved = await onVCenter({ organization, connectionId }, operation, (connection) => ({
      placements: own.map(({ key, pool, domain, serials }) =>
        wantedPlacement(connection, spec, pool, domain, key, serials),
      ),
    }));
    Object.assign(placements, resolved.placements);
  }
  return { placements };
}
