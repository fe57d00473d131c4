import { LAUNCHING } from '../cluster/node.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { resolvePlacement as operation } from '../operations/resolve-placement.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { onCluster } from './step-input.ts';
import { wantedPlacement } from './wanted-placement.ts';

/**
 * Resolves the placements of the pools whose nodes are being launched, once for a wave.
 * @returns placements by the pools' names
 * @throws the operation's errors
 */
export async function resolvePlacement(value: unknown) {
  const { clusterId } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  const { spec } = cluster;
  const launching = (await listNodes(clusterId)).filter(({ status }) => LAUNCHING.includes(status));
  const serials = Map.groupBy(launching, ({ pool }) => pool);
  return await onVCenter(cluster, operation, (connection) => ({
    placements: spec.nodepools
      .filter(({ name }) => serials.has(name))
      .map((pool) =>
        wantedPlacement(
          connection,
          spec,
          pool,
          pool.name,
          (serials.get(pool.name) ?? []).map(({ serial }) => serial),
        ),
      ),
  }));
}
