import { vsphereObjects } from '../addons/index.ts';
import { settings } from '../aws/settings.ts';
import { type Cluster, hasAccount } from '../cluster/cluster.ts';
import { deploymentPrefix } from '../cluster/identity.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { onKubernetes } from '../connector/kubernetes.ts';
import { datastoreUrl } from '../operations/datastore-url.ts';
import { putStorageAccount as putOperation } from '../operations/put-storage-account.ts';
import { parse } from '../parse.ts';
import { keepDatastoreUrl, markAccountTold } from '../store/account.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';
import { readConnection, vsphereServers } from './vsphere-servers.ts';

/**
 * Tells a cluster its vCenter and the account that its cloud provider and storage driver have there, over its API: the only way
 * by which a password of a vCenter gets into a cluster. Told again, it changes nothing.
 */
export async function putStorageAccount(value: unknown): Promise<Record<string, never>> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  if (!hasAccount(cluster)) return {};
  const objects = vsphereObjects({
    servers: await vsphereServers(cluster),
    clusterId: `slipway-${deploymentPrefix(settings().SLIPWAY_DEPLOYMENT)}-${clusterId}`,
    virtualIp: cluster.spec.endpoint?.address,
    ...(await storageOf(cluster)),
  });
  const input = { objects: objects.map(({ path, object }) => ({ path, object: { ...object } })) };
  await onKubernetes(cluster, await listNodes(clusterId), 'slipway:storage-account', putOperation, input);
  // The note was read before the account was: a change in between is told of at the next run.
  const { accountChangedAt } = cluster;
  if (accountChangedAt) {
    await markAccountTold(clusterId, accountChangedAt);
    const message = 'The cluster was told the account of its cloud provider and storage driver';
    await recordEvent(clusterId, { type: 'StorageAccountPut', message });
  }
  return {};
}

/** What volumes of the default storage class lie on. A datastore's URL is looked up once. */
async function storageOf(cluster: Cluster): Promise<{ storagePolicy?: string; datastoreUrl?: string }> {
  const { id, organization, connectionId, spec } = cluster;
  const connection = await readConnection(organization, connectionId);
  const storagePolicy = spec.storagePolicy ?? connection.storagePolicy;
  const datastore = spec.datastore ?? connection.datastore;
  if (storagePolicy || !datastore) return { storagePolicy };
  if (cluster.datastoreUrl === undefined) {
    const datacenter = spec.datacenter ?? connection.datacenter;
    const { url = '' } = await onVCenter({ organization, connectionId }, datastoreUrl, () => ({
      datastore,
      datacenter,
    }));
    await keepDatastoreUrl(id, url);
    return { datastoreUrl: url || undefined };
  }
  return { datastoreUrl: cluster.datastoreUrl || undefined };
}
