import * as z from 'zod/mini';
import { type Cluster, secretsOf, tellsAccount } from '../cluster/cluster.ts';
import { conflict, notFound } from '../errors.ts';
import { parse } from '../parse.ts';
import { markAccountChanged } from '../store/account.ts';
import { findCluster, listNames } from '../store/clusters.ts';
import {
  createSecret,
  findSecret,
  listSecrets,
  removeSecret,
  type SecretRecord,
  updateSecret,
} from '../store/secrets.ts';
import { secretBody } from './secret-values.ts';

/** A secret as callers see it: the values are never returned. */
export function secretView({ id, name, type, tags, version, createdAt, updatedAt }: SecretRecord) {
  return { id, name, type, tags, version, createdAt, updatedAt };
}

/** Keeps a new secret. @throws InvalidSpec, NameTaken */
export async function addSecret(organization: number, body: unknown) {
  const { name, type, tags, values } = parse(secretBody, body, 'body');
  return secretView(await createSecret(organization, { name, type, tags }, values));
}

/** Lists secrets, of one type or of all. @throws InvalidSpec */
export async function querySecrets(organization: number, type: string | undefined) {
  const wanted = parse(z.optional(z.enum(['vsphere', 'ssh', 'password', 'etcd'])), type, 'type');
  const secrets = await listSecrets(organization);
  return secrets.filter((secret) => !wanted || secret.type === wanted).map(secretView);
}

/** @throws NotFound */
export async function getSecret(organization: number, secretId: string): Promise<SecretRecord> {
  const secret = await findSecret(organization, secretId);
  if (!secret) throw notFound(`Organization ${organization} has no secret with the id ${secretId}.`);
  return secret;
}

/**
 * Replaces the values of a secret. Name and type stay. Clusters whose cloud provider and storage driver sign in with it are told
 * within two minutes, by the scale check. @throws NotFound, InvalidSpec, Conflict
 */
export async function putSecret(organization: number, secretId: string, body: unknown) {
  const secret = await getSecret(organization, secretId);
  const { name, type, tags, values } = parse(secretBody, body, 'body');
  if (name !== secret.name || type !== secret.type) {
    throw conflict(`Secret ${secretId} is '${secret.name}' of type ${secret.type}: name and type can not be changed.`);
  }
  const updated = await updateSecret(secret, tags, values);
  // Values first: who is told of the change reads the new ones.
  for (const cluster of (await usersOf(organization, secretId)).filter((user) => tellsAccount(user, secretId))) {
    await markAccountChanged(cluster.id, updated.updatedAt);
  }
  return secretView(updated);
}

/** The clusters that need a secret. */
async function usersOf(organization: number, secretId: string): Promise<Cluster[]> {
  const clusters = await Promise.all((await listNames(organization)).map(({ clusterId }) => findCluster(clusterId)));
  return clusters.filter((cluster) => cluster !== undefined).filter((cluster) => secretsOf(cluster).includes(secretId));
}

/** Deletes a secret that no cluster uses. @throws NotFound, Conflict naming the clusters */
export async function deleteSecret(organization: number, secretId: string): Promise<void> {
  const secret = await getSecret(organization, secretId);
  const users = await usersOf(organization, secretId);
  if (users.length > 0) {
    throw conflict(
      `Secret '${secret.name}' is used by ${users.map(({ name }) => name).join(', ')}: delete those clusters first.`,
    );
  }
  await removeSecret(secret);
}
