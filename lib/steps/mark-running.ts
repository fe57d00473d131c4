import { addonConcern } from '../cluster/addon-state.ts';
import { isEtcdCluster } from '../cluster/etcd.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { releaseLock } from '../store/lock.ts';
import { listNodes } from '../store/nodes.ts';
import { settleAddons } from './addon-health.ts';
import { onCluster } from './step-input.ts';
import { tellEtcdUsers } from './tell-etcd-users.ts';

/** Ends a run that succeeded: the cluster is RUNNING, or WARNING where an add-on failed, and its lock is free. */
export async function markRunning(value: unknown): Promise<{ status: 'RUNNING' | 'WARNING' }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const before = await getCluster(clusterId);
  const nodes = await listNodes(clusterId);
  const concern = addonConcern(before.addons);
  const status = concern ? 'WARNING' : 'RUNNING';
  const changed = before.status !== status;
  const message = `${nodes.filter((node) => node.status === 'ready').length} nodes are ready`;
  const outcome = { status, statusMessage: concern ?? message, failures: 0 } as const;
  const released = await releaseLock(clusterId, owner, outcome);
  if (released && changed) {
    const type = concern ? 'AddonsNeedAttention' : 'ClusterRunning';
    await recordEvent(clusterId, { type, message: outcome.statusMessage, execution: owner });
  }
  // A node may have told of its add-ons since the cluster was read.
  if (released) await settleAddons(clusterId, concern);
  if (released && isEtcdCluster(before)) await tellEtcdUsers(before, nodes);
  return { status };
}
