import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as z from 'zod/mini';

/** Asymmetric algorithms only: a public key must never pass for a shared secret. */
const ALGORITHMS = ['ES256', 'ES384', 'RS256', 'RS384', 'PS256', 'EdDSA'];

/** An OpenID Connect issuer whose tokens are accepted, and the claims in which it tells organization and role. */
export interface OidcIssuer {
  issuer: string;
  audience: string;
  /** Found by discovery where it is left out. */
  jwksUri?: string;
  organizationClaim?: string;
  roleClaim?: string;
}

const role = z.enum(['viewer', 'operator', 'admin']);

/** What a user token says. */
export interface UserClaims {
  subject: string;
  organization: number;
  role: z.infer<typeof role>;
}

/** A token that no configured issuer could have issued, or that lacks a claim. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

async function keysOf({ issuer, jwksUri }: OidcIssuer) {
  let keys = keySets.get(issuer);
  if (!keys) {
    keys = createRemoteJWKSet(new URL(jwksUri ?? (await discover(issuer))));
    keySets.set(issuer, keys);
  }
  return keys;
}

/** OpenID Connect Discovery 1.0, section 4. */
async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  return z.object({ jwks_uri: z.url() }).parse(await answer.json()).jwks_uri;
}

/**
 * Verifies a user's token against the issuer that it names.
 * @throws TokenRefused; errors of jose: JWTExpired, JWSSignatureVerificationFailed, JOSEAlgNotAllowed, …
 */
export async function verifyUserToken(token: string, issuers: readonly OidcIssuer[]): Promise<UserClaims> {
  const from = decodeJwt(token).iss;
  const issuer = issuers.find((each) => each.issuer === from);
  if (!issuer) throw new TokenRefused(`its issuer ${from ?? '(none)'} is not configured`);
  const { payload } = await jwtVerify(token, await keysOf(issuer), {
    issuer: issuer.issuer,
    audience: issuer.audience,
    algorithms: ALGORITHMS,
    requiredClaims: ['exp', 'sub'],
  });
  const organization = z.coerce
    .number()
    .check(z.int(), z.gte(1))
    .safeParse(payload[issuer.organizationClaim ?? 'organization']);
  if (!organization.success) throw new TokenRefused(`it has no claim ${issuer.organizationClaim ?? 'organization'}`);
  const found = role.safeParse(payload[issuer.roleClaim ?? 'role']);
  if (!found.success)
    throw new TokenRefused(`its claim ${issuer.roleClaim ?? 'role'} is not viewer, operator or admin`);
  return { subject: String(payload.sub), organization: organization.data, role: found.data };
}
