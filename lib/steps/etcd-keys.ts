import { randomBytes, X509Certificate } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.ts';
import { etcdUser, isEtcdCluster } from '../cluster/etcd.ts';
import { issueClientCertificate } from '../pki/index.ts';
import { type ClusterKeys, readClusterKeys } from '../store/cluster-keys.ts';

const YEARS = 10;
const YEAR_MINUTES = 365.25 * 24 * 60;

/**
 * What a cluster's keys have besides its authorities: an etcd cluster a password of root, a cluster that shares one a certificate
 * whose common name is its user there. It lasts as long as the authorities: kubeadm renews none that it did not make.
 */
export async function etcdKeys(cluster: Cluster): Promise<Pick<ClusterKeys, 'etcdRootPassword' | 'etcdClient'>> {
  if (isEtcdCluster(cluster)) return { etcdRootPassword: randomBytes(32).toString('base64url') };
  const shared = cluster.etcd?.clusterId;
  if (shared === undefined) return {};
  const { etcdCaCert: caCert, etcdCaKey: caKey } = (await readClusterKeys(shared)).certificates;
  const left = (Date.parse(new X509Certificate(caCert).validTo) - Date.now()) / 60_000;
  const client = await issueClientCertificate({
    caCert,
    caKey,
    commonName: etcdUser(cluster.id),
    organizations: [],
    minutes: Math.min(YEARS * YEAR_MINUTES, left),
  });
  return { etcdClient: { ca: caCert, ...client } };
}
