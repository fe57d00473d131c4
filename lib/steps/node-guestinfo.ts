import { wantedAddons } from '../addons/index.ts';
import type { ConnectionValues, SshValues } from '../api/secret-values.ts';
import { signingKey } from '../auth/signing-key.ts';
import { addonMirror, settings } from '../aws/settings.ts';
import {
  type ExternalEtcdDescription,
  guestinfo,
  type NodeNetwork,
  renderMetadata,
  renderUserData,
} from '../bootstrap/index.ts';
import { type Cluster, hasAccount } from '../cluster/cluster.ts';
import { virtualRouterId } from '../cluster/endpoint.ts';
import { hostAndPort } from '../cluster/endpoint-spec.ts';
import type { Node } from '../cluster/node.ts';
import { type NodePool, runsWorkloads } from '../cluster/pool.ts';
import { type ProxyCredentials, type ProxyServer, proxyUrl } from '../cluster/proxy.ts';
import { readSecretValues } from '../store/secrets.ts';
import { issueNodeToken } from '../tokens/index.ts';
import { describeEtcd } from './describe-etcd.ts';
import { pkeInstallation, pkeVsphere } from './pke-installation.ts';

/** Minutes for which a node's token outlives the time in which it must have become ready. */
const SPARE_MINUTES = 15;

/** A cluster's proxies by their URLs, with their passwords. */
async function proxyOf({ organization, spec: { proxy }, proxySecretIds }: Cluster) {
  if (!proxy) return undefined;
  const url = async (server: ProxyServer | undefined, secretId: string | undefined) =>
    server && proxyUrl(server, secretId ? await readSecretValues<ProxyCredentials>(organization, secretId) : undefined);
  return {
    http: await url(proxy.http, proxySecretIds?.http),
    https: await url(proxy.https, proxySecretIds?.https),
    exceptions: proxy.exceptions,
  };
}

/** What the nodes of a cluster are told alike, and that lies in secrets or in other clusters' records. */
export interface NodeSecrets {
  ssh: SshValues | undefined;
  proxy: Awaited<ReturnType<typeof proxyOf>>;
  /** Where etcd is, if elsewhere. */
  etcd: ExternalEtcdDescription | undefined;
}

/** Reads them, once for all nodes that are cloned together. */
export async function readNodeSecrets(cluster: Cluster): Promise<NodeSecrets> {
  const { organization, sshSecretId } = cluster;
  const ssh = sshSecretId ? await readSecretValues<SshValues>(organization, sshSecretId) : undefined;
  return { ssh, proxy: await proxyOf(cluster), etcd: await describeEtcd(cluster) };
}

/** What a node is told at its first boot: cloud-init's data with the node program and a token for this node alone. */
export async function nodeGuestinfo(
  cluster: Cluster,
  node: Node,
  pool: NodePool,
  connection: ConnectionValues,
  { ssh, proxy, etcd }: NodeSecrets,
  network?: NodeNetwork,
): Promise<Record<string, string>> {
  const { SLIPWAY_API_URL: apiUrl, SLIPWAY_NODE_SECONDS } = settings();
  const token = await issueNodeToken(await signingKey(), {
    issuer: apiUrl,
    organization: cluster.organization,
    clusterId: cluster.id,
    node: node.name,
    serial: node.serial,
    role: node.role,
    pool: node.pool,
    ttlSeconds: SLIPWAY_NODE_SECONDS + SPARE_MINUTES * 60,
  });
  const { kubernetes, endpoint } = cluster.spec;
  const virtualIp = endpoint?.address ? { address: endpoint.address, routerId: virtualRouterId(cluster) } : undefined;
  const userData = renderUserData({
    node: {
      name: node.name,
      pool: node.pool,
      role: node.role,
      labels: labelsOf(node, pool),
      runsWorkloads: runsWorkloads(pool),
      address: network?.address,
    },
    cluster: {
      id: cluster.id,
      organization: cluster.organization,
      name: cluster.name,
      kubernetesVersion: kubernetes.version,
      serviceCIDR: kubernetes.network.serviceCIDR,
      podCIDR: kubernetes.network.podCIDR,
      oidc: kubernetes.oidc?.enabled ? kubernetes.oidc : undefined,
      keyAlgorithm: kubernetes.certificates?.algorithm,
      endpoint: endpoint && hostAndPort(endpoint),
      virtualIp,
      etcd,
      proxy,
      packages: cluster.spec.packages ?? settings().SLIPWAY_PACKAGES,
      cloudProvider: hasAccount(cluster) ? 'vsphere' : undefined,
      addons: { list: wantedAddons(cluster.spec), mirror: addonMirror(cluster.spec) },
    },
    pke: pkeOf(cluster, node, pool, connection, apiUrl),
    apiUrl,
    token,
    ssh: { user: pool.adminUsername ?? ssh?.user ?? 'slipway', keys: ssh?.publicKeys ?? [] },
  });
  return guestinfo({
    userData,
    metadata: renderMetadata({ instanceId: node.instanceUuid, hostname: node.name, network }),
  });
}

/** What a node is told where pke makes it. */
function pkeOf(cluster: Cluster, node: Node, pool: NodePool, connection: ConnectionValues, apiUrl: string) {
  const { spec } = cluster;
  if (spec.distribution !== 'pke') return undefined;
  const vsphere = pkeVsphere(connection, spec, pool, node.placement);
  return { ...spec.pke, installation: pkeInstallation(cluster, pool, apiUrl), vsphere };
}

/** A pool's labels, and its failure domain as the zone that Kubernetes spreads pods over; a label of the pool's own wins. */
function labelsOf({ placement }: Node, { labels }: NodePool): Record<string, string> {
  return placement === undefined ? labels : { 'topology.kubernetes.io/zone': placement, ...labels };
}
