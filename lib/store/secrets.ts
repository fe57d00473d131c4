import { ulid } from 'ulid';
import { createSecretOnce, deleteSecret, readSecret, replaceSecret } from '../aws/secrets.ts';
import { nameTaken, notFound } from '../errors.ts';
import { keys, organizationPartition, SECRET } from './keys.ts';
import { forgetSessions } from './sessions.ts';
import { ConditionFailed, deleteItem, getItem, putItem, queryItems, updateItem, withoutKey } from './table.ts';

/** A user's secret without its values, which lie in Secrets Manager. */
export interface SecretRecord {
  id: string;
  organization: number;
  name: string;
  type: 'vsphere' | 'ssh' | 'password' | 'etcd';
  tags: string[];
  version: number;
  createdAt: string;
  updatedAt: string;
}

const path = (organization: number, id: string) => `organizations/${organization}/secrets/${id}`;

/**
 * Keeps a new secret: name, then values, then the record; what died in between is continued by the next try.
 * @throws NameTaken
 */
export async function createSecret(
  organization: number,
  secret: Pick<SecretRecord, 'name' | 'type' | 'tags'>,
  values: Record<string, unknown>,
): Promise<SecretRecord> {
  const id = await claimSecretName(organization, secret.name);
  const now = new Date().toISOString();
  const record: SecretRecord = { id, organization, ...secret, version: 1, createdAt: now, updatedAt: now };
  const kept = await createSecretOnce(path(organization, id), values);
  if (kept !== values) await replaceSecret(path(organization, id), values);
  try {
    await putItem({ ...keys.secret(organization, id), ...record }, { condition: 'attribute_not_exists(pk)' });
  } catch (error) {
    if (error instanceof ConditionFailed) throw secretNameTaken(organization, secret.name);
    throw error;
  }
  return record;
}

async function claimSecretName(organization: number, name: string): Promise<string> {
  const id = ulid().toLowerCase();
  try {
    await putItem({ ...keys.secretName(organization, name), id }, { condition: 'attribute_not_exists(pk)' });
    return id;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const holder = String(error.item?.id);
    if (await findSecret(organization, holder)) throw secretNameTaken(organization, name);
    return holder;
  }
}

const secretNameTaken = (organization: number, name: string) =>
  nameTaken(
    `Organization ${organization} has a secret named '${name}' already: choose another name, or update that one.`,
  );

export async function findSecret(organization: number, id: string): Promise<SecretRecord | undefined> {
  const item = await getItem<SecretRecord>(keys.secret(organization, id));
  return item && withoutKey(item);
}

/** Finds a secret of a type by id or by name. @throws NotFound */
export async function resolveSecret(
  organization: number,
  type: SecretRecord['type'],
  by: { id?: string; name?: string },
): Promise<SecretRecord> {
  const id = by.id ?? (await getItem<{ id: string }>(keys.secretName(organization, by.name ?? '')))?.id;
  const secret = id ? await findSecret(organization, id) : undefined;
  if (!secret || secret.type !== type) {
    throw notFound(
      `Organization ${organization} has no ${type} secret ${by.id ? `with the id ${by.id}` : `named '${by.name}'`}.`,
    );
  }
  return secret;
}

export async function listSecrets(organization: number): Promise<SecretRecord[]> {
  return (await queryItems<SecretRecord>(organizationPartition(organization), SECRET)).map(withoutKey);
}

/** Reads a secret's values, where they are used. @throws NotFound */
export async function readSecretValues<T>(organization: number, id: string): Promise<T> {
  const values = await readSecret<T>(path(organization, id));
  if (values === undefined) throw notFound(`The values of secret ${id} of organization ${organization} are gone.`);
  return values;
}

/** Replaces a secret's values and tags. */
export async function updateSecret(
  secret: SecretRecord,
  tags: string[],
  values: Record<string, unknown>,
): Promise<SecretRecord> {
  await replaceSecret(path(secret.organization, secret.id), values);
  const updated = await updateItem<SecretRecord>(keys.secret(secret.organization, secret.id), {
    condition: 'attribute_exists(pk)',
    update: 'SET tags = :tags, updatedAt = :now ADD version :one',
    values: { ':tags': tags, ':now': new Date().toISOString(), ':one': 1 },
  });
  return withoutKey(updated);
}

/** Deletes a secret: values, what a connection shares, record, then the name that leads to them. */
export async function removeSecret(secret: SecretRecord): Promise<void> {
  await deleteSecret(path(secret.organization, secret.id));
  if (secret.type === 'vsphere') await forgetSessions(secret.id);
  await deleteItem(keys.secret(secret.organization, secret.id));
  await deleteItem(keys.secretName(secret.organization, secret.name));
}
