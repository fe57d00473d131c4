import { parse } from '../parse.ts';
import { releaseAddresses } from '../store/addresses.ts';
import { deleteClusterKeys } from '../store/cluster-keys.ts';
import { findCluster, forgetCluster as forgetRecords } from '../store/clusters.ts';
import { returnPrefix } from '../store/etcd-prefixes.ts';
import { checkLock } from './hold-lock.ts';
import { placesOf } from './reserve-etcd.ts';
import { onCluster } from './step-input.ts';

/** Forgets a cluster that has no VM left: its keys first, then its prefix in etcd, then its records. What is gone already counts as forgotten. */
export async function forgetCluster(value: unknown): Promise<Record<string, never>> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await findCluster(clusterId);
  if (!cluster) return {};
  checkLock(cluster, owner);
  await deleteClusterKeys(clusterId);
  const { organization, etcd } = cluster;
  if (etcd) await returnPrefix(organization, placesOf(etcd), { prefix: etcd.prefix, clusterId });
  await releaseAddresses(cluster.organization, clusterId);
  await forgetRecords(cluster);
  return {};
}
