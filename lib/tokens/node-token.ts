import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import * as z from 'zod/mini';

const ALGORITHM = 'ES256';

export interface SigningKey {
  kid: string;
  privateJwk: JWK;
  publicJwk: JWK;
}

const claims = z.object({
  organization: z.int(),
  clusterId: z.int(),
  node: z.string(),
  serial: z.int(),
  role: z.enum(['master', 'worker', 'etcd']),
  pool: z.string(),
});

/** What a node token says: one node of one cluster, with its role. */
export type NodeClaims = z.infer<typeof claims>;

/** Makes a key pair for node tokens; its id is the key's thumbprint (RFC 7638). */
export async function createSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const publicPart = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicPart);
  const common = { kid, alg: ALGORITHM, use: 'sig' };
  return { kid, privateJwk: { ...(await exportJWK(privateKey)), ...common }, publicJwk: { ...publicPart, ...common } };
}

/** Issues a token for one node (JWT, ES256). */
export async function issueNodeToken(
  key: SigningKey,
  { issuer, ttlSeconds, ...node }: NodeClaims & { issuer: string; ttlSeconds: number },
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return await new SignJWT({ ...node })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(`node:${node.clusterId}:${node.node}`)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .sign(await importJWK(key.privateJwk, ALGORITHM));
}

/**
 * Verifies a node token.
 * @throws JWTExpired, JWSSignatureVerificationFailed, JWKSNoMatchingKey, … (jose), ZodError
 */
export async function verifyNodeToken(token: string, keys: JWK[], { issuer }: { issuer: string }): Promise<NodeClaims> {
  const options = { issuer, audience: issuer, algorithms: [ALGORITHM], requiredClaims: ['exp'] };
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys }), options);
  return claims.parse(payload);
}
