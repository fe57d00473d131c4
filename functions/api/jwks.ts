import { verificationKeys } from '../../lib/auth/signing-key.ts';
import { json } from '../wrappers/http.ts';

/** The public keys that verify node tokens (RFC 7517). */
export async function handler() {
  return json(200, { keys: await verificationKeys() }, { 'cache-control': 'public, max-age=300' });
}
