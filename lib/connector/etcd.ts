import type { EtcdValues } from '../api/etcd-values.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { etcdMembers, memberEndpoint } from '../cluster/etcd.ts';
import {
  type Access,
  EtcdClient,
  EtcdGateway,
  type KubernetesApi,
  KubernetesError,
  signInToEtcd,
} from '../kubernetes/index.ts';
import type { EtcdContext, EtcdOperation } from '../operations/operation.ts';
import { issueGatewayCertificate } from '../pki/index.ts';
import { readClusterKeys } from '../store/cluster-keys.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { readSecretValues } from '../store/secrets.ts';

/** Minutes for which a client certificate of ours is good. */
const CERTIFICATE_MINUTES = 10;

/** Tries one member after another, until one answers. @throws what the last one was unreachable with, or what one refused */
async function onOneOf<T>(servers: readonly string[], use: (server: string) => Promise<T>): Promise<T> {
  let last: unknown = new KubernetesError('KubernetesUnreachable', 'No member of etcd is ready.');
  for (const server of servers) {
    try {
      return await use(server);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.name !== 'KubernetesUnreachable') throw error;
      last = error;
    }
  }
  throw last;
}

/** Signs in to an etcd cluster of ours as root, at the first of the addresses that answers. */
export async function signInAsRoot(etcdClusterId: number, addresses: readonly string[]): Promise<KubernetesApi> {
  const { certificates, etcdRootPassword } = await readClusterKeys(etcdClusterId);
  const client = await issueGatewayCertificate(certificates, CERTIFICATE_MINUTES);
  return await onOneOf(addresses.map(memberEndpoint), (server) =>
    signInToEtcd({ server, ca: certificates.etcdCaCert, ...client }, etcdRootPassword ?? ''),
  );
}

/**
 * Runs an operation on the etcd that a cluster keeps its state in, elsewhere: as root on an etcd cluster of ours, with the
 * cluster's own certificate on somebody's own.
 * @throws NotFound where what opens it is gone
 */
export async function onExternalEtcd<I, O>(
  { etcd, organization, name }: Cluster,
  operation: EtcdOperation<I, O>,
  input: I,
): Promise<O> {
  if (!etcd) throw new Error(`Cluster ${name} has its etcd on its control-plane nodes.`);
  const run = async (context: EtcdContext) =>
    operation.output.parse(await operation.run(context, operation.input.parse(input)));
  if (etcd.clusterId !== undefined) {
    const { id } = await getCluster(etcd.clusterId);
    const members = etcdMembers(await listNodes(id));
    const root = new EtcdGateway(
      await signInAsRoot(
        id,
        members.map(({ address }) => address),
      ),
    );
    return await run({ store: root, users: root });
  }
  const { ca, certificate, key } = await readSecretValues<EtcdValues>(organization, String(etcd.secretId));
  const at = (server: string): Access => ({ server, ca, certificate, key });
  return await onOneOf(etcd.endpoints ?? [], async (server) => await run({ store: new EtcdClient(at(server)) }));
}
