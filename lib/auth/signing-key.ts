import { createSecretOnce, readSecret } from '../aws/secrets.ts';
import { keys } from '../store/keys.ts';
import { getItem, updateItem } from '../store/table.ts';
import { createSigningKey, type SigningKey } from '../tokens/index.ts';

const PATH = 'token-signing-key';
/** How long a warm function trusts what it read: a new key is published this long before it may be used. */
const FRESH_MS = 300_000;

type PublicJwk = SigningKey['publicJwk'];

let signing: SigningKey | undefined;
let published: { keys: PublicJwk[]; at: number } | undefined;

/** The key that signs node tokens; made and published by the first call of all. */
export async function signingKey(): Promise<SigningKey> {
  if (!signing) {
    const key = (await readSecret<SigningKey>(PATH)) ?? (await createSecretOnce(PATH, await createSigningKey()));
    await updateItem(keys.signingKeys(), {
      update: 'SET #keys = :keys',
      names: { '#keys': 'keys' },
      values: { ':keys': [key.publicJwk] },
    });
    signing = key;
  }
  return signing;
}

/** The public keys that verify node tokens, as they are published. Empty before the first token was issued. */
export async function verificationKeys(): Promise<PublicJwk[]> {
  if (!published || published.keys.length === 0 || published.at < Date.now() - FRESH_MS) {
    const item = await getItem<{ keys: PublicJwk[] }>(keys.signingKeys());
    published = { keys: item?.keys ?? [], at: Date.now() };
  }
  return published.keys;
}
