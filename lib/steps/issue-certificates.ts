import { parse } from '../parse.ts';
import { createClusterKeys } from '../store/cluster-keys.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { etcdKeys } from './etcd-keys.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

/** Makes a cluster's certificate authorities and keys, once, and keeps them in its secret. */
export async function issueCertificates(value: unknown): Promise<Record<string, never>> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const options = { name: cluster.name, ...cluster.spec.kubernetes.certificates };
  await createClusterKeys(clusterId, options, () => etcdKeys(cluster));
  await recordEvent(clusterId, { type: 'CertificatesIssued', message: 'Certificate authorities are made' });
  return {};
}
