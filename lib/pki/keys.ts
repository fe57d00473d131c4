import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

export type Algorithm = 'ecdsa-p256' | 'rsa-2048' | 'rsa-4096';

export interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** Makes a key pair with the platform's crypto, off the main thread. */
export async function createKeyPair(algorithm: Algorithm): Promise<KeyPair> {
  if (algorithm === 'ecdsa-p256') return await generate('ec', { namedCurve: 'P-256' });
  return await generate('rsa', { modulusLength: algorithm === 'rsa-2048' ? 2048 : 4096 });
}

/** A private key in the PEM form that Kubernetes reads: SEC 1 or PKCS #1. */
export function privatePem(key: KeyObject): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  return key.export({ type, format: 'pem' }).toString();
}
