import type { Cluster } from '../cluster/cluster.ts';
import { endpointOf } from '../cluster/endpoint.ts';
import { etcdMembers, isEtcdCluster, memberEndpoint } from '../cluster/etcd.ts';
import type { Node } from '../cluster/node.ts';
import { KubernetesApi, KubernetesError } from '../kubernetes/index.ts';
import type { KubernetesOperation } from '../operations/operation.ts';
import { issueClientCertificate } from '../pki/index.ts';
import { readClusterKeys } from '../store/cluster-keys.ts';
import { signInAsRoot } from './etcd.ts';

/** Minutes for which a client certificate of ours is good. */
const CERTIFICATE_MINUTES = 10;

/** Jobs of ours in a cluster; each is a group that its RBAC allows that job and nothing else. */
export type Job = 'slipway:bootstrap-tokens' | 'slipway:drain-node' | 'slipway:storage-account' | 'slipway:read-addons';

/** Runs an operation on a cluster's API server, with a certificate for that job alone. */
export async function onKubernetes<I, O>(
  cluster: Cluster,
  nodes: readonly Node[],
  job: Job,
  operation: KubernetesOperation<I, O>,
  input: I,
): Promise<O> {
  const endpoint = endpointOf(cluster, nodes);
  if (!endpoint)
    throw new KubernetesError('KubernetesUnreachable', `Cluster ${cluster.name} has no API server that is ready.`);
  const { certificates } = await readClusterKeys(cluster.id);
  const client = await issueClientCertificate({
    caCert: certificates.kubernetesCaSigningCert,
    caKey: certificates.kubernetesCaKey,
    commonName: job,
    organizations: [job],
    minutes: CERTIFICATE_MINUTES,
  });
  const kubernetes = new KubernetesApi({ server: `https://${endpoint}`, ca: certificates.kubernetesCaCert, ...client });
  return operation.output.parse(await operation.run({ kubernetes }, operation.input.parse(input)));
}

/** Runs an operation on the etcd of a control-plane node, or of a member of an etcd cluster, other than the one that it is about. */
export async function onEtcd<I, O>(
  cluster: Cluster,
  nodes: readonly Node[],
  about: string,
  operation: KubernetesOperation<I, O>,
  input: I,
): Promise<O> {
  if (isEtcdCluster(cluster)) {
    const others = etcdMembers(nodes).filter(({ name }) => name !== about);
    const kubernetes = await signInAsRoot(
      cluster.id,
      others.map(({ address }) => address),
    );
    return operation.output.parse(await operation.run({ kubernetes }, operation.input.parse(input)));
  }
  const member = nodes.find((node) => node.role === 'master' && node.status === 'ready' && node.name !== about);
  if (!member?.address)
    throw new KubernetesError('KubernetesUnreachable', `Cluster ${cluster.name} has no other member of etcd.`);
  const { certificates } = await readClusterKeys(cluster.id);
  const client = await issueClientCertificate({
    caCert: certificates.etcdCaCert,
    caKey: certificates.etcdCaKey,
    commonName: 'slipway:remove-etcd-member',
    organizations: [],
    minutes: CERTIFICATE_MINUTES,
  });
  const server = memberEndpoint(member.address);
  const kubernetes = new KubernetesApi({ server, ca: certificates.etcdCaCert, ...client });
  return operation.output.parse(await operation.run({ kubernetes }, operation.input.parse(input)));
}
