import { isInitialized } from '../cluster/cluster.ts';
import { endpointOf } from '../cluster/endpoint.ts';
import { isEtcdCluster } from '../cluster/etcd.ts';
import { conflict } from '../errors.ts';
import { issueClientCertificate, kubeconfig } from '../pki/index.ts';
import { readClusterKeys } from '../store/cluster-keys.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes } from '../store/nodes.ts';
import { clusterOf } from './clusters.ts';

/** Hours for which a user's kubeconfig is good. */
const HOURS = 8;
/** The group that the cluster's RBAC makes cluster-admin. */
const ADMINS = 'slipway:admin';

/**
 * Issues a kubeconfig that expires.
 * @param subject who asks: the name that the cluster's audit log shows
 * @throws NotFound, Conflict where the cluster has no API server yet
 */
export async function issueKubeconfig(organization: number, clusterId: number, subject: string) {
  const cluster = await clusterOf(organization, clusterId);
  if (isEtcdCluster(cluster)) {
    throw conflict(`Cluster ${cluster.name} is an etcd cluster: it has no API server, and so no kubeconfig.`);
  }
  const endpoint = endpointOf(cluster, await listNodes(clusterId));
  if (!endpoint || !isInitialized(cluster)) {
    throw conflict(
      `Cluster ${cluster.name} has no API server that is ready (it is ${cluster.status}): ask again later.`,
    );
  }
  const { certificates } = await readClusterKeys(clusterId);
  const user = `slipway:${subject}`;
  const client = await issueClientCertificate({
    caCert: certificates.kubernetesCaSigningCert,
    caKey: certificates.kubernetesCaKey,
    commonName: user.slice(0, 64),
    organizations: [ADMINS],
    minutes: HOURS * 60,
  });
  const config = kubeconfig({
    clusterName: cluster.name,
    server: `https://${endpoint}`,
    caCert: certificates.kubernetesCaCert,
    user,
    ...client,
  });
  await recordEvent(clusterId, {
    type: 'KubeconfigIssued',
    message: `A kubeconfig was issued to ${subject} for ${HOURS} hours`,
  });
  return {
    config: Buffer.from(config).toString('base64'),
    expiresAt: new Date(Date.now() + HOURS * 3_600_000).toISOString(),
  };
}
