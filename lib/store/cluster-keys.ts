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
  /** PEM, where it was asked to be kept: beside what nodes get, so that none does. */
  rootCaKey?: string;
}

const path = (clusterId: number) => `clusters/${clusterId}`;

/** Makes the keys of a cluster, once. */
export async function createClusterKeys(
  clusterId: number,
  options: { name: string } & Partial<CertificatesSpec>,
): Promise<void> {
  if (await readSecret(path(clusterId))) return;
  const { rootCaKey, ...certificates } = await createClusterCertificates(options);
  const keys: ClusterKeys = { certificates, bootstrapSeed: randomBytes(32).toString('base64'), rootCaKey };
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
