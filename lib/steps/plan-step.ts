import * as z from 'zod/mini';
import { controlPlaneOf, hasAccount } from '../cluster/cluster.ts';
import { plan, planNodes } from '../cluster/plan.ts';
import { SlipwayError } from '../errors.ts';
import { parse } from '../parse.ts';
import { setStatus } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { holdLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

/** Waves after which a convergence is given up: each repairs what the one before left, so a healthy one takes a few. */
const MAX_WAVES = 30;

const input = z.extend(onCluster, {
  /** How many waves there were. */
  waves: z.int().check(z.gte(0)),
  /** Whether the VMs were compared with the records in this run. */
  stockTaken: z.boolean(),
});

export type PlanStep =
  | { next: 'take-stock' }
  | { next: 'launch' }
  | { next: 'remove'; nodes: string[] }
  | { next: 'put-storage-account' }
  | { next: 'done' };

/**
 * Decides the next wave of a convergence.
 * @throws QuorumLost, NotConverging, ClusterBusy, ClusterDeleting
 */
export async function planStep(value: unknown): Promise<PlanStep> {
  const { clusterId, owner, waves, stockTaken } = parse(input, value, 'input');
  const cluster = await holdLock(clusterId, owner);
  if (cluster.deletionRequestedAt) {
    const message = `Cluster ${cluster.name} is to be deleted (since ${cluster.deletionRequestedAt}): it gets no nodes.`;
    throw new SlipwayError('ClusterDeleting', message, 409);
  }
  const nodes = await listNodes(clusterId);
  if (nodes.length > 0 && !stockTaken) return { next: 'take-stock' };

  const next = plan(cluster.spec.nodepools, planNodes(nodes), controlPlaneOf(cluster));
  if (next.action === 'none') return { next: hasAccount(cluster) ? 'put-storage-account' : 'done' };
  if (next.action === 'blocked') throw new SlipwayError('QuorumLost', `Cluster ${cluster.name}: ${next.reason}`, 409);
  if (waves >= MAX_WAVES) {
    throw new SlipwayError(
      'NotConverging',
      `Cluster ${cluster.name} is not as wanted after ${waves} waves: its VMs disappear as fast as they are made. See its events.`,
      500,
    );
  }
  if (cluster.status !== 'CREATING')
    await setStatus(clusterId, owner, 'UPDATING', 'Bringing the nodes to the node pools');
  // A wave is planned again where it is recorded: a list of a thousand nodes does not travel.
  return next.action === 'launch' ? { next: 'launch' } : { next: 'remove', nodes: next.nodes };
}
