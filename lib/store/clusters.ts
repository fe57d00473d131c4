import type { Cluster, ClusterStatus } from '../cluster/cluster.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { nameTaken, notFound } from '../errors.ts';
import { clusterPartition, DEPLOYMENT, keys, MEMBER, NAME, organizationPartition } from './keys.ts';
import {
  ConditionFailed,
  deleteItem,
  deleteItems,
  getItem,
  type Key,
  putItem,
  queryItems,
  updateItem,
  withoutKey,
} from './table.ts';

/** Seconds after which a name that was claimed for a cluster that never came may be claimed again. */
const CLAIM_SECONDS = 60;

/** A name in an organization, and what the cluster of that name uses. */
export interface ClusterName {
  name: string;
  clusterId: number;
  connectionId: string;
  sshSecretId?: string;
  /** Who claimed it: the same execution may claim it again. */
  execution: string;
  claimedAt: string;
}

/**
 * Claims a name for a new cluster, or finds the claim that the same execution made before.
 * @returns the id of the cluster that has the name now
 * @throws NameTaken
 */
export async function claimName(organization: number, claim: ClusterName): Promise<number> {
  const key = keys.name(organization, claim.name);
  try {
    await putItem({ ...key, ...claim }, { condition: 'attribute_not_exists(pk)' });
    return claim.clusterId;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const holder = error.item as unknown as ClusterName;
    if (holder.execution === claim.execution) return holder.clusterId;
    const abandoned =
      Date.parse(holder.claimedAt) < Date.now() - CLAIM_SECONDS * 1000 && !(await findCluster(holder.clusterId));
    if (!abandoned) {
      throw nameTaken(
        `Organization ${organization} has a cluster named '${claim.name}' already (id ${holder.clusterId}): choose another name, or delete that one first.`,
      );
    }
    await putItem(
      { ...key, ...claim },
      { condition: '#execution = :old', names: { '#execution': 'execution' }, values: { ':old': holder.execution } },
    );
    return claim.clusterId;
  }
}

/** Gives the name of a cluster back that was not made after all. */
export async function releaseName(organization: number, name: string, clusterId: number): Promise<void> {
  await deleteItem(keys.name(organization, name), {
    condition: 'attribute_not_exists(pk) OR clusterId = :id',
    values: { ':id': clusterId },
  });
}

/** Notes that a cluster's prefix in an etcd elsewhere is open to it, while the execution holds the lock. */
export async function notePrepared(clusterId: number, execution: string): Promise<void> {
  await updateItem(keys.meta(clusterId), {
    condition: '#lock.#execution = :execution',
    update: 'SET #etcd.preparedAt = if_not_exists(#etcd.preparedAt, :now)',
    names: { '#lock': 'lock', '#execution': 'execution', '#etcd': 'etcd' },
    values: { ':execution': execution, ':now': new Date().toISOString() },
  });
}

/** Writes a new cluster's record, unless it is there. */
export async function createCluster(cluster: Cluster): Promise<void> {
  const { id, organization, connectionId } = cluster;
  try {
    await putItem({ ...keys.meta(id), ...cluster }, { condition: 'attribute_not_exists(pk)' });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
  await putItem({ ...keys.member(id), clusterId: id, organization, connectionId }, {});
}

export async function findCluster(clusterId: number): Promise<Cluster | undefined> {
  const item = await getItem<Cluster>(keys.meta(clusterId));
  return item && withoutKey(item);
}

/** @throws NotFound */
export async function getCluster(clusterId: number): Promise<Cluster> {
  const cluster = await findCluster(clusterId);
  if (!cluster) throw notFound(`There is no cluster with the id ${clusterId}.`);
  return cluster;
}

/** Who has a name in an organization. */
export function findName(organization: number, name: string): Promise<ClusterName | undefined> {
  return getItem<ClusterName>(keys.name(organization, name));
}

/** The names of an organization's clusters. */
export function listNames(organization: number): Promise<ClusterName[]> {
  return queryItems<ClusterName>(organizationPartition(organization), NAME);
}

/** Every cluster of the deployment, with its connection. */
export function listMembers(): Promise<{ clusterId: number; organization: number; connectionId: string }[]> {
  return queryItems(DEPLOYMENT, MEMBER);
}

/** Sets the status while the execution holds the lock. */
export async function setStatus(
  clusterId: number,
  execution: string,
  status: ClusterStatus,
  statusMessage: string,
): Promise<Cluster> {
  return await updateItem<Cluster>(keys.meta(clusterId), {
    condition: '#lock.#execution = :execution',
    update: 'SET #status = :status, statusMessage = :message',
    names: { '#lock': 'lock', '#execution': 'execution', '#status': 'status' },
    values: { ':execution': execution, ':status': status, ':message': statusMessage },
  });
}

/** Notes, while the execution holds the lock, that a cluster is to go: there is no way back. */
export async function noteDeletion(clusterId: number, execution: string): Promise<void> {
  await updateItem(keys.meta(clusterId), {
    condition: '#lock.#execution = :execution',
    update: 'SET deletionRequestedAt = if_not_exists(deletionRequestedAt, :now)',
    names: { '#lock': 'lock', '#execution': 'execution' },
    values: { ':execution': execution, ':now': new Date().toISOString() },
  });
}

/** Notes that a cluster has an anti-affinity rule in a vCenter cluster. */
export async function noteAntiAffinity(
  clusterId: number,
  rule: NonNullable<Cluster['antiAffinity']>[number],
): Promise<void> {
  await updateItem(keys.meta(clusterId), {
    condition: 'attribute_exists(pk)',
    update: 'SET antiAffinity = list_append(if_not_exists(antiAffinity, :none), :rule)',
    values: { ':none': [], ':rule': [rule] },
  });
}

/** Says how a cluster is that no run works on. @returns false where it changed since it was read */
export async function setHealth(
  cluster: Cluster,
  status: 'RUNNING' | 'WARNING',
  statusMessage: string,
): Promise<boolean> {
  try {
    await updateItem(keys.meta(cluster.id), {
      condition: 'attribute_not_exists(#lock) AND #status = :before',
      update: 'SET #status = :status, statusMessage = :message',
      names: { '#lock': 'lock', '#status': 'status' },
      values: { ':before': cluster.status, ':status': status, ':message': statusMessage },
    });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/**
 * Replaces the spec of the generation that was read, while the execution holds the lock.
 * @param connections those that it names, beside those that nodes may still be on
 */
export async function replaceSpec(
  cluster: Cluster,
  execution: string,
  spec: ClusterSpec,
  connections: Cluster['connections'],
): Promise<void> {
  await updateItem(keys.meta(cluster.id), {
    condition: '#lock.#execution = :execution AND generation = :generation',
    update:
      'SET spec = :spec, #connections = :connections, generation = :next, #status = :status, statusMessage = :message',
    names: { '#lock': 'lock', '#execution': 'execution', '#status': 'status', '#connections': 'connections' },
    values: {
      ':execution': execution,
      ':generation': cluster.generation,
      ':next': cluster.generation + 1,
      ':spec': spec,
      ':connections': connections,
      ':status': 'UPDATING',
      ':message': 'Bringing the nodes to the new node pools',
    },
  });
}

/** Forgets every record of a cluster, its name last but one: what died half-way is found again by its META. */
export async function forgetCluster(cluster: Cluster): Promise<void> {
  const partition = clusterPartition(cluster.id);
  const items = await queryItems<Key>(partition);
  await deleteItems(items.filter(({ sk }) => sk !== 'META'));
  await releaseName(cluster.organization, cluster.name, cluster.id);
  await deleteItem(keys.member(cluster.id));
  await deleteItem(keys.meta(cluster.id));
}
