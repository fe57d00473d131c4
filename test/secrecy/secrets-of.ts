import { unseal } from '../../lib/connector/seal.ts';
import type { Secret } from './find-secrets.ts';

/** Fields of secrets whose values may be known: names, addresses, settings, the public halves of keys. */
const PUBLIC = new Set([
  ...[
    'url',
    'user',
    'username',
    'fingerprint',
    'datacenter',
    'datastore',
    'folder',
    'network',
    'networks',
    'publicKeys',
  ],
  ...['resourcePool', 'storagePolicy', 'defaultNodeTemplate', 'kid', 'kty', 'crv', 'x', 'y', 'alg', 'use', 'publicJwk'],
]);
const PUBLIC_PEM = /^(-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[^-]+-----END (CERTIFICATE|PUBLIC KEY)-----\s*)+$/;

/** Every text in a secret's value that is not known to be public: a field that is new counts as secret. */
export function secretsOf(name: string, value: unknown): Secret[] {
  if (typeof value === 'string') return PUBLIC_PEM.test(value) ? [] : [{ name, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (PUBLIC.has(key) ? [] : secretsOf(`${name}.${key}`, each)));
}

/** The cookies of a connection's sessions, from its records in the table, where they are sealed. */
export function cookiesOf(
  table: string,
  { url, user, password }: { url: string; user: string; password: string },
  connectionId: string,
): Secret[] {
  const sealed = [...table.matchAll(/"sealed":\{"S":"([^"]+)"/g)].map(([, text]) => String(text));
  return sealed.flatMap((text) => {
    const cookie = unseal(text, `${url}\n${user}\n${password}`, connectionId);
    const value = cookie?.match(/[0-9a-f-]{36}/)?.[0];
    return value ? [{ name: 'session cookie', value }] : [];
  });
}
