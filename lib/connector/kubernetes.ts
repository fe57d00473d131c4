import type { Cluster } from '../cluster/cluster.ts';
import { endpointOf } from '../cluster/endpoint.ts';
import type { Node } from '../cluster/node.ts';
import { KubernetesApi } from '../kubernetes/index.ts';
import type { Operation } from '../operations/operation.ts';
import { issueClientCertificate } from '../pki/index.ts';
import { readClusterKeys } from '../store/cluster-keys.ts';

/** Minutes for which a client certificate of ours is good. */
const CERTIFICATE_MINUTES = 10;

/** Jobs of ours in a cluster; each is a group that its RBAC allows that job and nothing else. */
export type Job = 'slipway:bootstrap-tokens' | 'slipway:drain-node';

/** Runs an operation on a cluster's API server, with a certificate for that job alone. */
export async function onKubernetes<I, O>(
  cluster: Cluster,
  nodes: readonly Node[],
  job: Job,
  operation: Operation<I, O>,
  input: I,
): Promise<O> {
  const endpoint = endpointOf(cluster, nodes);
  if (!endpoint) throw new Error(`Cluster ${cluster.name} has no API server that is ready.`);
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
