import { executionState } from '../aws/executions.ts';
import type { Cluster, Lock } from '../cluster/cluster.ts';
import { SlipwayError } from '../errors.ts';
import { recordEvent } from '../store/events.ts';
import { takeLock } from '../store/lock.ts';

/** Seconds for which a lock is respected whose execution ended (its failure is being recorded) or was not started yet. */
export const GRACE_SECONDS = 30;

/** Whether nobody works under a lock any more: its execution ended or never began, and not just now. */
export async function isStale(lock: Lock): Promise<boolean> {
  const { status, endedAt } = await executionState(lock.execution);
  if (status === 'RUNNING') return false;
  const idleSince = endedAt?.getTime() ?? Date.parse(lock.since);
  return idleSince < Date.now() - GRACE_SECONDS * 1000;
}

/**
 * Takes a cluster's lock for an execution, from one that no longer runs where need be.
 * @throws ClusterBusy, NotFound
 */
export async function holdLock(clusterId: number, execution: string): Promise<Cluster> {
  try {
    return await takeLock(clusterId, execution);
  } catch (error) {
    const holder =
      error instanceof SlipwayError && error.name === 'ClusterBusy' ? (error.details as unknown as Lock) : undefined;
    if (!holder || !(await isStale(holder))) throw error;
    const cluster = await takeLock(clusterId, execution, holder.execution);
    await recordEvent(clusterId, {
      type: 'LockTakenOver',
      message: 'The run before ended without a word; going on',
      execution,
    });
    return cluster;
  }
}

/** Checks, before a step changes anything, that the run it belongs to still holds the cluster. @throws LockLost */
export function checkLock(cluster: Cluster, owner: string): void {
  if (cluster.lock?.execution === owner) return;
  throw new SlipwayError(
    'LockLost',
    `Cluster ${cluster.id} was taken over by ${cluster.lock?.execution ?? 'nobody'}; this run ends.`,
    409,
  );
}
