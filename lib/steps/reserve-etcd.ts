import type { Cluster } from '../cluster/cluster.ts';
import { isInitialized } from '../cluster/cluster.ts';
import { type ExternalEtcd, isEtcdCluster } from '../cluster/etcd.ts';
import { defaultPrefix, type EtcdSpec, normalEndpoint } from '../cluster/etcd-spec.ts';
import { conflict, invalidSpec, notFound } from '../errors.ts';
import { findCluster, findName } from '../store/clusters.ts';
import { placeOf, prefixesIn, reservePrefix, returnPrefix } from '../store/etcd-prefixes.ts';
import { resolveSecret } from '../store/secrets.ts';

/** An etcd that was found, before a cluster has its prefix in it. */
type FoundEtcd = Omit<ExternalEtcd, 'prefix'>;

/**
 * Finds what a description names: an etcd cluster that can be used, or the secret of an etcd of one's own.
 * @throws NotFound, also where it is another organization's; InvalidSpec where it is no etcd cluster; Conflict where it is not
 * ready to be used
 */
export async function findEtcd(organization: number, spec: EtcdSpec | undefined): Promise<FoundEtcd | undefined> {
  if (!spec) return undefined;
  if (spec.endpoints) {
    const secret = await resolveSecret(organization, 'etcd', { id: spec.secretId, name: spec.secretName });
    return { endpoints: spec.endpoints.map(normalEndpoint), secretId: secret.id };
  }
  const field = spec.clusterId === undefined ? 'etcd.clusterName' : 'etcd.clusterId';
  const id = spec.clusterId ?? (await findName(organization, spec.clusterName ?? ''))?.clusterId;
  const cluster = id === undefined ? undefined : await findCluster(id);
  if (cluster?.organization !== organization) {
    throw notFound(`${field}: organization ${organization} has no cluster ${spec.clusterName ?? id}.`);
  }
  if (!isEtcdCluster(cluster)) {
    throw invalidSpec(`${field}: ${cluster.name} is no etcd cluster: its pools have other roles than etcd`);
  }
  checkUsable(cluster);
  return { clusterId: cluster.id };
}

/** @throws Conflict */
function checkUsable(cluster: Cluster): void {
  if (cluster.status === 'DELETING' || cluster.deletionRequestedAt) {
    throw conflict(`etcd: etcd cluster ${cluster.name} is being deleted.`);
  }
  if (isInitialized(cluster)) return;
  throw conflict(
    `etcd: etcd cluster ${cluster.name} is not up yet (it is ${cluster.status}): wait until it is RUNNING, then create this one.`,
  );
}

/** Every place in which a cluster reserves its prefix. */
export function placesOf({ clusterId, endpoints }: ExternalEtcd): string[] {
  return clusterId === undefined ? (endpoints ?? []) : [placeOf(clusterId)];
}

/**
 * Reserves a cluster's prefix in the etcd that was found. Run again for the same cluster it finds its own.
 * @throws Conflict where another cluster has the prefix, or the etcd cluster is going
 */
export async function reserveEtcd(
  { id, name, organization }: Pick<Cluster, 'id' | 'name' | 'organization'>,
  found: FoundEtcd,
  prefix: string | undefined,
): Promise<ExternalEtcd> {
  const etcd = { ...found, prefix: prefix ?? defaultPrefix(id) };
  const claim = { prefix: etcd.prefix, clusterId: id, name };
  await reservePrefix(organization, placesOf(etcd), claim);
  try {
    // A deletion looks for reservations after it has said that it deletes: one of the two sees the other.
    const shared = etcd.clusterId === undefined ? undefined : await findCluster(etcd.clusterId);
    if (etcd.clusterId !== undefined && !shared) throw notFound('etcd: the etcd cluster is gone.');
    if (shared) checkUsable(shared);
  } catch (error) {
    await returnPrefix(organization, placesOf(etcd), claim);
    throw error;
  }
  return etcd;
}

/** @throws Conflict where clusters keep their state in this etcd cluster, naming them */
export async function refuseWhileUsed(cluster: Cluster): Promise<void> {
  if (!isEtcdCluster(cluster)) return;
  const users = await prefixesIn(cluster.organization, cluster.id);
  if (users.length === 0) return;
  throw conflict(
    `Etcd cluster ${cluster.name} holds the state of ${users.map(({ name }) => name).join(', ')}: delete those clusters first.`,
  );
}
