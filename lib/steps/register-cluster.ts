import * as z from 'zod/mini';
import { needsMirror } from '../addons/index.ts';
import type { ConnectionValues } from '../api/secret-values.ts';
import { addonMirror } from '../aws/settings.ts';
import { accountWarning } from '../cluster/account.ts';
import { addressesOf, addressWarnings } from '../cluster/addresses.ts';
import { type Cluster, connectionOf, connectionsOf } from '../cluster/cluster.ts';
import { endpointWarning } from '../cluster/endpoint.ts';
import { type FailureDomain, type NodePool, poolRole } from '../cluster/pool.ts';
import type { ProxyServer } from '../cluster/proxy.ts';
import { type ClusterSpec, clusterSpec } from '../cluster/spec.ts';
import { invalidSpec } from '../errors.ts';
import { id, parse } from '../parse.ts';
import { claimName, createCluster, findCluster, getCluster, releaseName } from '../store/clusters.ts';
import { nextClusterId } from '../store/counters.ts';
import { recordEvent } from '../store/events.ts';
import { readSecretValues, resolveSecret } from '../store/secrets.ts';
import { holdLock } from './hold-lock.ts';
import { findEtcd, reserveEtcd } from './reserve-etcd.ts';
import { templateOf, wantedNetworks } from './wanted-placement.ts';

/**
 * Validates a cluster's description, gives it an id and records it, locked by the execution that creates it. Run again
 * by the same execution it finds what it made.
 *
 * @throws InvalidSpec, NotFound (no such connection), NameTaken, Conflict (the prefix in a shared etcd)
 */
export async function registerCluster(
  organization: number,
  description: unknown,
  execution: string,
  createdBy: string,
): Promise<Cluster> {
  const spec = parse(clusterSpec, description, 'cluster');
  checkMirror(spec);
  const connection = await resolveSecret(organization, 'vsphere', { id: spec.secretId, name: spec.secretName });
  const ssh =
    spec.sshSecretId || spec.sshSecretName
      ? await resolveSecret(organization, 'ssh', { id: spec.sshSecretId, name: spec.sshSecretName })
      : undefined;
  const connections = await resolveConnections(organization, spec.nodepools);
  await checkAgainst({ organization, connectionId: connection.id, connections }, spec);
  const storageSecretId = await resolveStorageSecret(organization, spec, connection.id, connections);
  const proxySecretIds = await resolveProxySecrets(organization, spec);
  const found = await findEtcd(organization, spec.etcd);

  const now = new Date().toISOString();
  const links = { connectionId: connection.id, sshSecretId: ssh?.id };
  const clusterId = await claimName(organization, {
    name: spec.name,
    clusterId: await nextClusterId(),
    ...links,
    execution,
    claimedAt: now,
  });
  const id = clusterId;
  const etcd = found && (await reserve({ id, name: spec.name, organization }, found, spec.etcd?.prefix));
  await createCluster({
    id,
    organization,
    name: spec.name,
    spec,
    generation: 1,
    status: 'CREATING',
    statusMessage: 'Creating',
    ...links,
    connections,
    storageSecretId,
    accountChangedAt: now,
    proxySecretIds,
    etcd,
    lastEpoch: 0,
    lock: { execution, since: now },
    addons: {},
    serials: 0,
    createdAt: now,
    createdBy,
    failures: 0,
  });
  await recordEvent(clusterId, { type: 'ClusterCreated', message: `Creation of ${spec.name} begins`, execution });
  for (const warning of [endpointWarning(spec), accountWarning(spec), ...addressWarnings(spec.nodepools)]) {
    if (warning) await recordEvent(clusterId, { type: 'ClusterWarning', message: warning });
  }
  return await getCluster(clusterId);
}

/** Reserves a cluster's prefix; where that is refused, the name is free again at once. @throws Conflict */
async function reserve(
  cluster: Pick<Cluster, 'id' | 'name' | 'organization'>,
  ...wanted: [Parameters<typeof reserveEtcd>[1], string | undefined]
) {
  try {
    return await reserveEtcd(cluster, ...wanted);
  } catch (error) {
    if (!(await findCluster(cluster.id))) await releaseName(cluster.organization, cluster.name, cluster.id);
    throw error;
  }
}

/** Refuses an add-on that only a mirror can have where there is none. @throws InvalidSpec */
function checkMirror(spec: ClusterSpec): void {
  const name = needsMirror(spec);
  if (!name || addonMirror(spec)) return;
  throw invalidSpec(
    `addons.mirror: ${name} is published as a Helm chart only, and nodes apply manifests. Make a mirror with \`npm run addons -- --to DIRECTORY\`, serve the directory, and name its URL here or in SLIPWAY_ADDON_MIRROR`,
  );
}

/** The ids of the connections that failure domains name, by what they give. @throws NotFound */
export async function resolveConnections(
  organization: number,
  pools: ClusterSpec['nodepools'],
): Promise<Record<string, string>> {
  const connections: Record<string, string> = {};
  for (const { secretId: id, secretName: name } of pools.flatMap(({ placements }) => placements ?? [])) {
    const named = id ?? name;
    if (named) connections[named] ??= (await resolveSecret(organization, 'vsphere', { id, name })).id;
  }
  return connections;
}

/**
 * The id of the storage account that a cluster names: one of the vCenter that all its nodes are on.
 * @throws NotFound, InvalidSpec
 */
async function resolveStorageSecret(
  organization: number,
  { storageSecretId: id, storageSecretName: name }: ClusterSpec,
  connectionId: string,
  connections: Record<string, string>,
): Promise<string | undefined> {
  if (!id && !name) return undefined;
  const field = id ? 'storageSecretId' : 'storageSecretName';
  const secret = await resolveSecret(organization, 'vsphere', { id, name });
  const { origin } = new URL((await readSecretValues<ConnectionValues>(organization, secret.id)).url);
  for (const each of connectionsOf({ connectionId, connections })) {
    const { url } = await readSecretValues<ConnectionValues>(organization, each);
    if (new URL(url).origin === origin) continue;
    throw invalidSpec(
      `${field}: it is an account of ${origin}, but nodes are on ${new URL(url).origin}: name one of that vCenter, or leave the field out`,
    );
  }
  return secret.id;
}

/** The ids of the secrets that a cluster's proxies name. @throws NotFound */
async function resolveProxySecrets(
  organization: number,
  { proxy }: ClusterSpec,
): Promise<{ http?: string; https?: string }> {
  const resolve = async ({ secretId: id, secretName: name }: Partial<ProxyServer> = {}) =>
    id || name ? (await resolveSecret(organization, 'password', { id, name })).id : undefined;
  return { http: await resolve(proxy?.http), https: await resolve(proxy?.https) };
}

/** The nodes of a pool that are in one of its failure domains, or all of a pool without any. */
interface Part {
  field: string;
  pool: NodePool;
  domain?: FailureDomain;
  nodes: number;
}

/**
 * What only the connections can tell: templates without a default, and how many nodes each allows a cluster.
 * @throws InvalidSpec
 */
export async function checkAgainst(
  cluster: Pick<Cluster, 'organization' | 'connectionId' | 'connections'>,
  spec: Pick<ClusterSpec, 'nodepools' | 'network' | 'networks'>,
): Promise<void> {
  const pools = spec.nodepools;
  const parts = pools.flatMap((pool, index): Part[] => {
    const { placements } = pool;
    if (!placements) return [{ field: `nodepools[${index}]`, pool, nodes: pool.size }];
    const nodes = Math.ceil(pool.size / placements.length);
    return placements.map((domain, i) => ({ field: `nodepools[${index}].placements[${i}]`, pool, domain, nodes }));
  });
  for (const [connectionId, own] of Map.groupBy(parts, ({ domain }) => connectionOf(cluster, domain))) {
    const connection = await readSecretValues<ConnectionValues>(cluster.organization, connectionId);
    const { maxNodes } = connection;
    const nameless = own.find(({ pool, domain }) => !templateOf(connection, pool, domain));
    if (nameless) {
      throw invalidSpec(`${nameless.field}.template: name a template, for the connection has no defaultNodeTemplate`);
    }
    const adrift = own.find(
      ({ pool, domain }) => addressesOf(pool, domain) && wantedNetworks(connection, spec, pool, domain).length === 0,
    );
    if (adrift) {
      throw invalidSpec(
        `${adrift.field}.network: name the network that its addresses are in, at the pool, the cluster or the connection`,
      );
    }
    const nodes = own.reduce((sum, part) => sum + part.nodes, 0);
    if (maxNodes && nodes > maxNodes) {
      const { pool } = own.reduce((a, b) => (poolRole(b.pool) === 'worker' && b.nodes > a.nodes ? b : a));
      throw invalidSpec(
        `nodepools[${pools.indexOf(pool)}].size: ${nodes} nodes in all, but the connection allows a cluster ${maxNodes}`,
      );
    }
  }
}

const input = z.object({
  execution: z.string().check(z.minLength(1)),
  organization: z.optional(id),
  cluster: z.optional(z.unknown()),
  clusterId: z.optional(id),
});

/** The first step of create-cluster: registers the description it is given, or goes on with a cluster registered before. */
export async function registerStep(value: unknown): Promise<{ clusterId: number; etcd: boolean }> {
  const { execution, organization, cluster, clusterId } = parse(input, value, 'input');
  if (clusterId !== undefined) return told(await holdLock(clusterId, execution));
  if (organization === undefined) throw invalidSpec('input: {"organization": 1, "cluster": {…}} or {"clusterId": 1}');
  return told(await registerCluster(organization, cluster, execution, execution));
}

/** What the workflow has to know: whether the cluster's etcd is elsewhere, and has to be prepared. */
const told = ({ id, etcd }: Cluster) => ({ clusterId: id, etcd: etcd !== undefined });
