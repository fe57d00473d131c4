import type { Cluster } from '../cluster/cluster.ts';
import { etcdInWords, etcdMembers, etcdUser, keyRange } from '../cluster/etcd.ts';
import { quorum } from '../cluster/plan.ts';
import { onExternalEtcd } from '../connector/etcd.ts';
import { SlipwayError } from '../errors.ts';
import { log } from '../log.ts';
import { releaseEtcdPrefix } from '../operations/release-etcd-prefix.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

/** Takes what a cluster that has no VM left has in an etcd elsewhere: its user and role, and its keys. */
export async function releaseEtcd(value: unknown): Promise<{ left: string }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const { etcd } = cluster;
  if (!etcd) return { left: '' };
  const user = etcd.clusterId === undefined ? undefined : etcdUser(clusterId);
  // What was below the prefix before it was found empty is somebody else's.
  const keys = etcd.preparedAt !== undefined;
  if (!user && !keys) return { left: '' };
  const { deleted } = await onExternalEtcd(cluster, releaseEtcdPrefix, { ...keyRange(etcd), keys, user });
  const message = `${deleted} keys below ${etcd.prefix} are deleted from ${etcdInWords(cluster)}`;
  await recordEvent(clusterId, { type: 'EtcdReleased', message });
  return { left: '' };
}

/**
 * Says what remains in an etcd that could not be spoken to, where whoever looks after it finds that: the end of the deletion,
 * the log, and the timeline of the etcd cluster, which stays.
 * @throws EtcdUnreachable where an etcd cluster of ours has not lost its quorum
 */
export async function leaveEtcd(value: unknown): Promise<{ left: string }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const left = remains(cluster);
  if (!left) return { left };
  await refuseWhileAlive(cluster);
  log.error('keys remain in etcd', { cluster: clusterId, left });
  await recordEvent(clusterId, { type: 'EtcdKeysRemain', message: left });
  const shared = cluster.etcd?.clusterId;
  if (shared !== undefined) await recordEvent(shared, { type: 'EtcdKeysRemain', message: left });
  return { left };
}

/** An etcd cluster of ours that should answer is waited for: what remains in it would be ours to clean up. @throws EtcdUnreachable */
async function refuseWhileAlive({ name, etcd }: Cluster): Promise<void> {
  if (etcd?.clusterId === undefined) return;
  const shared = await getCluster(etcd.clusterId);
  const nodes = await listNodes(shared.id);
  if (etcdMembers(nodes).length < quorum(nodes.filter(({ readyAt }) => readyAt).length)) return;
  throw new SlipwayError(
    'EtcdUnreachable',
    `Cluster ${name} keeps its state in etcd cluster ${shared.name}, which does not answer, though most of its VMs should be there.`,
    502,
  );
}

/** What a cluster may leave in etcd, in words; empty where that is nothing. */
function remains({ id, name, etcd }: Cluster): string {
  if (!etcd) return '';
  const { key, end } = keyRange(etcd);
  const where = etcdInWords({ etcd });
  const parts = [
    etcd.preparedAt && `keys from ${key} to ${end} (etcdctl del ${key} ${end})`,
    etcd.clusterId !== undefined && `user and role ${etcdUser(id)}`,
  ].filter(Boolean);
  if (parts.length === 0) return '';
  return `Cluster ${name} (id ${id}) is deleted, but ${where} did not answer. What may remain in it: ${parts.join('; ')}.`;
}
