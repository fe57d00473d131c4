import { executionState, stopExecution } from '../aws/executions.ts';
import { clusterBusy } from '../errors.ts';
import { parse } from '../parse.ts';
import { getCluster, noteDeletion, setStatus } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { releaseLock, takeLock } from '../store/lock.ts';
import { refuseWhileUsed } from './reserve-etcd.ts';
import { onCluster } from './step-input.ts';

/** The first step of delete-cluster: a deletion that was begun by the API goes on, one that is started by hand begins. */
export async function beginDeletionStep(value: unknown): Promise<Record<string, never>> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  await beginDeletion(clusterId, owner);
  return {};
}

/**
 * Takes a cluster from whatever works on it, to delete it. A run that works on it is stopped; its steps that are under way
 * change nothing more, since they no longer hold the lock.
 * @throws NotFound; ClusterBusy where it is being deleted already; Conflict where it is an etcd cluster that others use
 */
export async function beginDeletion(clusterId: number, execution: string): Promise<void> {
  const before = await getCluster(clusterId);
  const { lock, status } = before;
  await refuseWhileUsed(before);
  if (lock && lock.execution !== execution) {
    if (status === 'DELETING' && (await executionState(lock.execution)).status === 'RUNNING') {
      throw clusterBusy(`Cluster ${clusterId} is being deleted already. Execution: ${lock.execution}`, lock);
    }
    await takeLock(clusterId, execution, lock.execution);
    await stopExecution(lock.execution, `Cluster ${clusterId} is to be deleted`);
  } else {
    await takeLock(clusterId, execution);
  }
  await setStatus(clusterId, execution, 'DELETING', 'Deleting');
  try {
    // Who reserves a prefix looks whether the etcd cluster is being deleted after that: one of the two sees the other.
    await refuseWhileUsed(before);
  } catch (error) {
    await releaseLock(clusterId, execution, before);
    throw error;
  }
  await noteDeletion(clusterId, execution);
  if (lock?.execution !== execution) {
    await recordEvent(clusterId, { type: 'ClusterDeleting', message: 'Deletion begins', execution });
  }
}
