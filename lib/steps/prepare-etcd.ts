import { etcdUser, keyRange } from '../cluster/etcd.ts';
import { onExternalEtcd } from '../connector/etcd.ts';
import { prepareEtcdPrefix } from '../operations/prepare-etcd-prefix.ts';
import { parse } from '../parse.ts';
import { getCluster, notePrepared } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

/**
 * Opens a cluster's prefix in an etcd elsewhere to it, once it is found empty. What is below it afterwards is the cluster's: a
 * creation that is tried again goes on with it.
 * @throws EtcdPrefixInUse
 */
export async function prepareEtcd(value: unknown): Promise<Record<string, never>> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const { etcd } = cluster;
  if (!etcd || etcd.preparedAt) return {};
  const user = etcd.clusterId === undefined ? undefined : etcdUser(clusterId);
  await onExternalEtcd(cluster, prepareEtcdPrefix, { ...keyRange(etcd), user });
  await notePrepared(clusterId, owner);
  await recordEvent(clusterId, { type: 'EtcdPrepared', message: `Its state will be below ${etcd.prefix} in etcd` });
  return {};
}
