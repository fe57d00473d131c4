import { randomBytes } from 'node:crypto';
import { createSecretOnce, deleteSecret, readSecret } from '../aws/secrets.ts';
import type { CertificatesSpec } from '../cluster/certificates-spec.ts';
import { notFound } from '../errors.ts';
import { type ClusterCertificates, createClusterCertificates } from '../pki/index.ts';

/** What one cluster keeps secret. */
export interface ClusterKeys {
  certificates: ClusterCertificates;
  /** Each node's bootstrap token is derived from this: none is ever stored. Base64. */
  bootstrapSeed: string;
  /** Of root in the cluster's own etcd, where it is an etcd cluster. */
  etcdRootPassword?: string;
  /** What opens the etcd cluster that it shares, in PEM. */
  etcdClient?: { ca: string; certificate: string; key: string };
  /** PEM, where it was asked to be kept: beside what nodes get, so that none does. */
  rootCaKey?: string;
}

const path = (clusterId: number) => `clusters/${clusterId}`;

/**
 * Makes the keys of a cluster, once.
 * @param more what depends on where its etcd is
 */
export async function createClusterKeys(
  clusterId: number,
  options: { name: string } & Partial<CertificatesSpec>,
  more: () => Promise<Pick<ClusterKeys, 'etcdRootPassword' | 'etcdClient'>> = async () => ({}),
): Promise<void> {
  if (await readSecret(path(clusterId))) return;
  const { rootCaKey, ...certificates } = await createClusterCertificates(options);
  const bootstrapSeed = randomBytes(32).toString('base64');
  const keys: ClusterKeys = { certificates, bootstrapSeed, rootCaKey, ...(await more()) };
  await createSecretOnce(path(clusterId), keys);
}

/** @throws NotFound */
export async function readClusterKeys(clusterId: number): Promise<ClusterKeys> {
  const keys = await readSecret<ClusterKeys>(path(clusterId));
  if (!keys) throw notFound(`The keys of cluster ${clusterId} are not made yet, or were deleted with it.`);
  return keys;
}

export async function deleteClusterKeys(clusterId: number): Promise<void> {
  await deleteSecret(path(clusterId));
}
