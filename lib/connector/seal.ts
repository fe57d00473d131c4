import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

// Who knows the connection's values can sign in anyway: a session sealed under them is as secret as they are.
const keyOf = (secret: string, context: string) => Buffer.from(hkdfSync('sha256', secret, context, 'session', 32));

/**
 * Seals a session's cookie (AES-256-GCM).
 * @param secret what it was bought with: server, user and password
 * @param context what it belongs to
 */
export function seal(text: string, secret: string, context: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, context), iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Opens what `seal` made; undefined where it was sealed with another secret. */
export function unseal(sealed: string, secret: string, context: string): string | undefined {
  const data = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, context), data.subarray(0, IV_BYTES));
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  try {
    return decipher.update(data.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
