import type { Cluster, ClusterStatus } from '../cluster/cluster.ts';
import { clusterBusy, notFound } from '../errors.ts';
import { keys } from './keys.ts';
import { ConditionFailed, updateItem } from './table.ts';

const names = { '#lock': 'lock', '#execution': 'execution' };

/**
 * Takes a cluster's lock for an execution. One that holds it already takes it again.
 * @param from an execution that no longer runs, whose lock may be taken over
 * @throws ClusterBusy with the execution that holds it; NotFound
 */
export async function takeLock(clusterId: number, execution: string, from?: string): Promise<Cluster> {
  const free = 'attribute_not_exists(#lock)';
  const ours = '#lock.#execution IN (:execution, :from)';
  try {
    return await updateItem<Cluster>(keys.meta(clusterId), {
      condition: `attribute_exists(pk) AND (${free} OR ${ours})`,
      update: 'SET #lock = :lock',
      names,
      values: {
        ':lock': { execution, since: new Date().toISOString() },
        ':execution': execution,
        ':from': from ?? execution,
      },
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const holder = (error.item as unknown as Cluster | undefined)?.lock;
    if (!holder) throw notFound(`There is no cluster with the id ${clusterId}.`);
    throw clusterBusy(
      `Cluster ${clusterId} is being worked on by another workflow: wait until it has ended, or stop it. Execution: ${holder.execution}`,
      holder,
    );
  }
}

/** How a run ended, as it is written with the release of the lock. */
export interface Outcome {
  status: ClusterStatus;
  statusMessage: string;
  failures: number;
  /** When the scale check may try again, after a failure. */
  retryAt?: string;
}

/**
 * Releases the lock that an execution holds and records how it ended.
 * @returns false where another execution holds it by now, and so nothing was written
 */
export async function releaseLock(clusterId: number, execution: string, outcome: Outcome): Promise<boolean> {
  try {
    await updateItem(keys.meta(clusterId), {
      condition: '#lock.#execution = :execution',
      update: `SET #status = :status, statusMessage = :message, failures = :failures ${
        outcome.retryAt ? ', retryAt = :retryAt REMOVE #lock' : 'REMOVE #lock, retryAt'
      }`,
      names: { ...names, '#status': 'status' },
      values: {
        ':execution': execution,
        ':status': outcome.status,
        ':message': outcome.statusMessage,
        ':failures': outcome.failures,
        ':retryAt': outcome.retryAt,
      },
    });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
