import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { antiAffinityRule } from '../cluster/identity.ts';
import { onVCenter, withConnection } from '../connector/dispatch.ts';
import { log } from '../log.ts';
import { keepApart } from '../operations/keep-apart.ts';
import { getCluster, noteAntiAffinity } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes } from '../store/nodes.ts';

const COMPUTE = 'ClusterComputeResource';

/**
 * Keeps the control-plane nodes, or the members of etcd, of a cluster on different hosts, in each vCenter cluster that they are in. What can not be done
 * is told, and nothing more: the nodes run all the same.
 */
export async function keepMastersApart(clusterId: number): Promise<void> {
  const cluster = await getCluster(clusterId);
  const masters = (await listNodes(clusterId)).filter(
    ({ role, vm, status }) => role !== 'worker' && vm && !['removing', 'lost', 'failed'].includes(status),
  );
  // A vCenter cluster whose last control-plane node went has a rule to lose.
  const places = [
    ...(cluster.antiAffinity ?? []),
    ...masters.flatMap(({ connectionId, compute }) => (compute ? [{ connectionId, compute }] : [])),
  ];
  const distinct = new Map(places.map((place) => [`${place.connectionId}/${place.compute}`, place]));
  for (const { connectionId, compute } of distinct.values()) {
    const own = masters.filter((node) => node.compute === compute && node.connectionId === connectionId);
    await keep(
      cluster,
      connectionId,
      compute,
      own.map(({ vm }) => vm as string),
    );
  }
}

async function keep(cluster: Cluster, connectionId: string, compute: string, vms: string[]): Promise<void> {
  const { organization, antiAffinity } = cluster;
  const known = antiAffinity?.some((rule) => rule.connectionId === connectionId && rule.compute === compute);
  if (vms.length < 2 && !known) return;
  // Noted before it is made: what is noted is removed with the cluster.
  if (!known) await noteAntiAffinity(cluster.id, { connectionId, compute });
  try {
    const rule = antiAffinityRule(settings().SLIPWAY_DEPLOYMENT, cluster.id);
    const input = { compute: { type: COMPUTE, value: compute }, rule, vms };
    await onVCenter({ organization, connectionId }, keepApart, () => input);
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
