import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import { secretsManager } from './clients.ts';
import { settings } from './settings.ts';

const id = (path: string) => `${settings().SLIPWAY_SECRETS}${path}`;

/** Reads a secret's JSON value; undefined where there is none. `path` is below this installation's prefix. */
export async function readSecret<T>(path: string): Promise<T | undefined> {
  try {
    const answer = await secretsManager().send(new GetSecretValueCommand({ SecretId: id(path) }));
    return JSON.parse(answer.SecretString ?? 'null') as T;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/**
 * Creates a secret, unless it exists: the first writer wins, and each gets the value that was kept. So a step that runs
 * twice makes one set of keys.
 */
export async function createSecretOnce<T>(path: string, value: T): Promise<T> {
  try {
    await secretsManager().send(
      new CreateSecretCommand({
        Name: id(path),
        KmsKeyId: settings().SLIPWAY_KMS_KEY,
        SecretString: JSON.stringify(value),
      }),
    );
    return value;
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
    const kept = await readSecret<T>(path);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Replaces a secret's value. */
export async function replaceSecret(path: string, value: unknown): Promise<void> {
  await secretsManager().send(new PutSecretValueCommand({ SecretId: id(path), SecretString: JSON.stringify(value) }));
}

/** Deletes a secret at once and for good; one that is gone already counts as deleted. */
export async function deleteSecret(path: string): Promise<void> {
  try {
    await secretsManager().send(new DeleteSecretCommand({ SecretId: id(path), ForceDeleteWithoutRecovery: true }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
