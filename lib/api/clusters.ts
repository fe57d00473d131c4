import { isDeepStrictEqual } from 'node:util';
import { wantedAddons } from '../addons/index.ts';
import { newExecution, startExecution } from '../aws/executions.ts';
import { addressIssuesOf } from '../cluster/addresses-in-cluster.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { endpointOf } from '../cluster/endpoint.ts';
import { isEtcdCluster } from '../cluster/etcd.ts';
import type { Node } from '../cluster/node.ts';
import { distributionIssues } from '../cluster/pke-spec.ts';
import { controlPlaneIssue, type NodePool } from '../cluster/pool.ts';
import { clusterUpdate } from '../cluster/spec.ts';
import { conflict, invalidSpec, notFound } from '../errors.ts';
import { parse, pathOf } from '../parse.ts';
import { beginDeletion } from '../steps/begin-deletion.ts';
import { holdLock } from '../steps/hold-lock.ts';
import { checkAgainst, registerCluster, resolveConnections } from '../steps/register-cluster.ts';
import { findCluster, listNames, replaceSpec } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { releaseLock } from '../store/lock.ts';
import { listNodes } from '../store/nodes.ts';

/** A cluster of this organization. @throws NotFound, also where it is another organization's */
export async function clusterOf(organization: number, clusterId: number): Promise<Cluster> {
  const cluster = await findCluster(clusterId);
  if (cluster?.organization !== organization) {
    throw notFound(`Organization ${organization} has no cluster with the id ${clusterId}.`);
  }
  return cluster;
}

/** Starts the creation of a cluster and answers at once. @throws InvalidSpec, NotFound, NameTaken */
export async function postCluster(organization: number, body: unknown, createdBy: string) {
  const execution = newExecution('create-cluster');
  const cluster = await registerCluster(organization, body, execution, createdBy);
  await startExecution(execution, { clusterId: cluster.id });
  return { id: cluster.id, name: cluster.name };
}

/** Lists an organization's clusters, in the order of their ids. */
export async function listClusters(organization: number) {
  const clusters = await Promise.all((await listNames(organization)).map(({ clusterId }) => findCluster(clusterId)));
  return clusters
    .filter((cluster) => cluster !== undefined)
    .sort((a, b) => a.id - b.id)
    .map(summary);
}

/** @throws NotFound */
export async function getClusterView(organization: number, clusterId: number) {
  const cluster = await clusterOf(organization, clusterId);
  const nodes = await listNodes(clusterId);
  return { ...summary(cluster), ...details(cluster, nodes) };
}

function summary({ id, name, status, statusMessage, createdAt, createdBy, spec, lock }: Cluster) {
  return {
    id,
    name,
    type: spec.type,
    status,
    statusMessage,
    version: spec.kubernetes.version,
    createdAt,
    createdBy,
    execution: lock?.execution ?? null,
  };
}

function details(cluster: Cluster, nodes: Node[]) {
  return {
    endpoint: endpointOf(cluster, nodes) ?? null,
    leader: cluster.leader?.hostname ?? null,
    secretId: cluster.connectionId,
    etcd: cluster.etcd ?? null,
    kubernetes: cluster.spec.kubernetes,
    addons: wantedAddons(cluster.spec).map(({ addon: { name, version } }) => addonView(cluster, name, version)),
    nodepools: cluster.spec.nodepools.map((pool) => poolView(pool, nodes)),
  };
}

/** An add-on with how it is: pending until a control-plane node has told of it. */
function addonView({ addons }: Cluster, name: string, version: string) {
  const { status = 'pending', message = '', at = null } = addons?.[name] ?? {};
  return { name, version, status, message, at };
}

/** A node pool with the number of its nodes that are ready. */
export function poolView(pool: Cluster['spec']['nodepools'][number], nodes: Node[]) {
  return { ...pool, ready: nodes.filter((node) => node.pool === pool.name && node.status === 'ready').length };
}

/**
 * Replaces the node pools of a cluster and starts to converge it.
 * @throws InvalidSpec, NotFound, Conflict, ClusterBusy
 */
export async function putCluster(organization: number, clusterId: number, body: unknown) {
  const cluster = await clusterOf(organization, clusterId);
  const nodepools = keepNodes(cluster, parse(clusterUpdate, body, 'body').nodepools);
  const wanted = { ...cluster.spec, nodepools };
  const [issue] = [...distributionIssues(wanted), ...addressIssuesOf(wanted)];
  if (issue) throw invalidSpec(`${pathOf(issue[0])}: ${issue[1]}`);
  const connections = { ...cluster.connections, ...(await resolveConnections(organization, nodepools)) };
  checkKind(cluster, nodepools);
  await checkAgainst({ ...cluster, connections }, { ...cluster.spec, nodepools });
  const execution = newExecution('converge-cluster');
  const locked = await holdLock(clusterId, execution);
  if (locked.status === 'DELETING' || locked.deletionRequestedAt) {
    await releaseLock(clusterId, execution, locked);
    throw conflict(`Cluster ${cluster.name} is being deleted.`);
  }
  await replaceSpec(locked, execution, { ...locked.spec, nodepools }, connections);
  await recordEvent(clusterId, {
    type: 'ClusterUpdated',
    message: `Node pools wanted: ${nodepools.map((pool) => `${pool.name} ${pool.size}`).join(', ')}`,
    execution,
  });
  await startExecution(execution, { clusterId });
  return { id: clusterId, name: cluster.name };
}

/** What a cluster is made for stays, and its control plane has the size that its etcd allows. @throws Conflict, InvalidSpec */
function checkKind(cluster: Cluster, nodepools: NodePool[]): void {
  if (isEtcdCluster({ spec: { nodepools } }) !== isEtcdCluster(cluster)) {
    const kind = isEtcdCluster(cluster) ? 'an etcd cluster: its pools have the role etcd' : 'a Kubernetes cluster';
    throw conflict(`Cluster ${cluster.name} is ${kind}. Create another cluster for what is not.`);
  }
  const wrong = controlPlaneIssue(nodepools, cluster.etcd !== undefined);
  if (wrong)
    throw invalidSpec(`nodepools${wrong.index === undefined ? '' : `[${wrong.index}].size`}: ${wrong.message}`);
}

/** What a pool may change in place: a range of addresses counts for the nodes that come. */
const CHANGEABLE: readonly (keyof NodePool)[] = ['size', 'addresses'];

/** The value of a field, as far as it is fixed. */
function fixed(pool: NodePool, field: keyof NodePool): unknown {
  return field === 'placements' ? pool.placements?.map(({ addresses: _, ...domain }) => domain) : pool[field];
}

/**
 * Nodes are replaced, never mutated: what a pool's nodes are like is fixed; a new pool takes their place. Fields that are left out
 * stay.
 * @throws Conflict naming the field
 */
function keepNodes(cluster: Cluster, nodepools: NodePool[]): NodePool[] {
  return nodepools.map((pool) => {
    const before = cluster.spec.nodepools.find(({ name }) => name === pool.name);
    if (!before) return pool;
    for (const field of Object.keys(pool) as (keyof NodePool)[]) {
      if (CHANGEABLE.includes(field) || pool[field] === undefined) continue;
      if (!isDeepStrictEqual(fixed(pool, field), fixed(before, field))) {
        throw conflict(
          `Pool ${pool.name}: ${field} can not be changed. Add a pool with the new ${field}, then remove this one.`,
        );
      }
    }
    return { ...before, ...pool };
  });
}

/** Starts the deletion of a cluster, stopping what runs on it. @throws NotFound, ClusterBusy where it is being deleted */
export async function removeCluster(organization: number, clusterId: number) {
  const cluster = await clusterOf(organization, clusterId);
  const execution = newExecution('delete-cluster');
  await beginDeletion(clusterId, execution);
  await startExecution(execution, { clusterId });
  return { id: clusterId, name: cluster.name };
}
