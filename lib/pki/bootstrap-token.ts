import { hkdfSync } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Bytes at and above the largest multiple of 36 are skipped, so that each character is equally likely. */
const LIMIT = 256 - (256 % ALPHABET.length);

/**
 * Derives a bootstrap token (`[a-z0-9]{6}` and `[a-z0-9]{16}`) from a secret seed and what it is for: the same whenever it is
 * asked for, unguessable without the seed. HKDF with SHA-256 (RFC 5869).
 * @param seed base64
 */
export function deriveBootstrapToken(seed: string, context: string): { id: string; secret: string } {
  const bytes = new Uint8Array(hkdfSync('sha256', Buffer.from(seed, 'base64'), '', `bootstrap-token:${context}`, 128));
  const text = [...bytes]
    .filter((byte) => byte < LIMIT)
    .map((byte) => ALPHABET[byte % ALPHABET.length])
    .join('');
  return { id: text.slice(0, 6), secret: text.slice(6, 22) };
}
