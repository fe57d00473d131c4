import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { antiAffinityRule } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import { placementKey } from '../cluster/pool.ts';
import { type Connected, withConnection } from '../connector/dispatch.ts';
import { log } from '../log.ts';
import { keepApart } from '../operations/keep-apart.ts';
import type { Placements } from '../operations/placement/placement.ts';
import { noteAntiAffinity } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';

const COMPUTE = 'ClusterComputeResource';

/**
 * Keeps the control-plane nodes of a cluster on different hosts, in each vCenter cluster that some of a wave are in. What can
 * not be done is told, and nothing more: the nodes run all the same.
 * @param nodes every node of the cluster
 * @param wave the placements of the wave
 */
export async function keepMastersApart(cluster: Cluster, nodes: readonly Node[], wave: Placements): Promise<void> {
  const masters = nodes.filter(
    (node) => node.role === 'master' && node.vm && !['removing', 'lost', 'failed'].includes(node.status),
  );
  const placed = masters.flatMap((node) => {
    const compute = wave[placementKey(node)]?.compute;
    return compute?.type === COMPUTE ? [{ node, compute: compute.value }] : [];
  });
  const { organization } = cluster;
  for (const [connectionId, own] of Map.groupBy(placed, ({ node }) => node.connectionId)) {
    await withConnection({ organization, connectionId }, async (connected) => {
      for (const [compute, each] of Map.groupBy(own, (one) => one.compute)) {
        const vms = each.map(({ node }) => node.vm as string);
        await keep(cluster, connected, connectionId, compute, vms);
      }
    });
  }
}

async function keep(cluster: Cluster, { run }: Connected, connectionId: string, compute: string, vms: string[]) {
  const known = cluster.antiAffinity?.some((rule) => rule.connectionId === connectionId && rule.compute === compute);
  if (vms.length < 2 && !known) return;
  // Noted before it is made: what is noted is removed with the cluster.
  if (!known) await noteAntiAffinity(cluster.id, { connectionId, compute });
  try {
    const rule = antiAffinityRule(settings().SLIPWAY_DEPLOYMENT, cluster.id);
    await run(keepApart, { compute: { type: COMPUTE, value: compute }, rule, vms });
  } catch (error) {
    const { name, message: reason } = error as Error;
    log.warn('control plane not kept apart', error as Error);
    const message = `The control plane may share hosts: its anti-affinity rule could not be set (${name}: ${reason})`;
    await recordEvent(cluster.id, { type: 'RuleNotSet', message });
  }
}

/** Removes the rules of a cluster that is deleted. A cluster of hosts that is gone has taken its rule along. */
export async function removeRules(cluster: Cluster): Promise<void> {
  const { organization } = cluster;
  const rule = antiAffinityRule(settings().SLIPWAY_DEPLOYMENT, cluster.id);
  for (const [connectionId, own] of Map.groupBy(cluster.antiAffinity ?? [], (each) => each.connectionId)) {
    await withConnection({ organization, connectionId }, async ({ run }) => {
      for (const { compute } of own) {
        try {
          await run(keepApart, { compute: { type: COMPUTE, value: compute }, rule, vms: [] });
        } catch (error) {
          if (!['NotFound', 'NotAuthorized'].includes((error as Error).name)) throw error;
          log.warn('anti-affinity rule not removed', error as Error);
        }
      }
    });
  }
}
