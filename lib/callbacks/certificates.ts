import type { EtcdValues } from '../api/etcd-values.ts';
import type { Caller } from '../auth/authenticate.ts';
import { requireNode } from '../auth/authenticate.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { LAUNCHING } from '../cluster/node.ts';
import type { NodeRole } from '../cluster/pool.ts';
import { forbidden } from '../errors.ts';
import { issueGatewayCertificate } from '../pki/index.ts';
import { type ClusterKeys, readClusterKeys } from '../store/cluster-keys.ts';
import { readSecretValues } from '../store/secrets.ts';
import { nodeOf } from './node-of.ts';

/** Minutes in which a member of etcd has to have joined. */
const GATEWAY_MINUTES = 24 * 60;

/**
 * The certificate authorities of the caller's cluster, as one `pkecert` secret: for a control-plane node, or a member of an etcd
 * cluster, until it is ready. A worker's token never gets them.
 *
 * @param tags the query's `tags`: `clusterID:<id>`
 * @throws Forbidden
 */
export async function clusterCertificates(caller: Caller, organization: number, tags: string | undefined) {
  const clusterId = Number(
    /^clusterID:([1-9]\d*)$/.exec(tags ?? '')?.[1] ?? requireNode(caller, organization).clusterId,
  );
  const { cluster, node } = await nodeOf(caller, organization, clusterId);
  if (node.role === 'worker') throw forbidden(`Node ${node.name} is a worker: it may not read the cluster's CA keys.`);
  if (!LAUNCHING.includes(node.status)) {
    throw forbidden(`Node ${node.name} is ${node.status}: it may not read the cluster's CA keys any more.`);
  }
  const values = await valuesFor(node.role, cluster, await readClusterKeys(clusterId));
  const name = `cluster-${clusterId}-ca`;
  return [
    {
      id: name,
      name,
      type: 'pkecert',
      tags: [`clusterID:${clusterId}`, `cluster:${cluster.name}`],
      values,
    },
  ];
}

/** What a node needs: a member of etcd its authority, and what signs root in; an API server no key of an etcd that is elsewhere. */
async function valuesFor(
  role: NodeRole,
  { organization, etcd }: Cluster,
  { certificates, etcdRootPassword, etcdClient }: ClusterKeys,
): Promise<Record<string, string | undefined>> {
  if (role === 'etcd') {
    const { etcdCaCert, etcdCaKey } = certificates;
    const client = await issueGatewayCertificate(certificates, GATEWAY_MINUTES);
    return { etcdCaCert, etcdCaKey, etcdClientCert: client.certificate, etcdClientKey: client.key, etcdRootPassword };
  }
  if (!etcd) return { ...certificates };
  const { etcdCaKey, ...others } = certificates;
  const client = etcdClient ?? (await readSecretValues<EtcdValues>(organization, String(etcd.secretId)));
  return { ...others, etcdCaCert: client.ca, etcdClientCert: client.certificate, etcdClientKey: client.key };
}
