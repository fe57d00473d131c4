import { isEtcdCluster } from '../cluster/etcd.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { releaseLock } from '../store/lock.ts';
import { listNodes } from '../store/nodes.ts';
import { onCluster } from './step-input.ts';
import { tellEtcdUsers } from './tell-etcd-users.ts';

/** Ends a run that succeeded: the cluster is RUNNING, its lock is free. */
export async function markRunning(value: unknown): Promise<{ status: 'RUNNING' }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const before = await getCluster(clusterId);
  const nodes = await listNodes(clusterId);
  const changed = before.status !== 'RUNNING';
  const message = `${nodes.filter((node) => node.status === 'ready').length} nodes are ready`;
  const released = await releaseLock(clusterId, owner, { status: 'RUNNING', statusMessage: message, failures: 0 });
  if (released && changed) await recordEvent(clusterId, { type: 'ClusterRunning', message, execution: owner });
  if (released && isEtcdCluster(before)) await tellEtcdUsers(before, nodes);
  return { status: 'RUNNING' };
}
