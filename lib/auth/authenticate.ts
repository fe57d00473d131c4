import { decodeJwt } from 'jose';
import { settings } from '../aws/settings.ts';
import { forbidden, unauthenticated } from '../errors.ts';
import { type NodeClaims, type UserClaims, verifyNodeToken, verifyUserToken } from '../tokens/index.ts';
import { verificationKeys } from './signing-key.ts';

export type UserRole = UserClaims['role'];
const ROLES: readonly UserRole[] = ['viewer', 'operator', 'admin'];

/** Who calls: a person or program of an organization, or a booting node. */
export type Caller = ({ kind: 'user' } & UserClaims) | ({ kind: 'node' } & NodeClaims);

/**
 * Verifies a bearer token: one of ours is a node's, any other must come from a configured OIDC issuer.
 * @param authorization the header's value
 * @throws Unauthenticated
 */
export async function authenticate(authorization: string | undefined): Promise<Caller> {
  const token = /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
  if (!token) throw unauthenticated('Send a token: "Authorization: Bearer <token>".');
  const { SLIPWAY_API_URL: issuer, SLIPWAY_OIDC_ISSUERS: issuers } = settings();
  try {
    if (decodeJwt(token).iss === issuer) {
      return { kind: 'node', ...(await verifyNodeToken(token, await verificationKeys(), { issuer })) };
    }
    return { kind: 'user', ...(await verifyUserToken(token, issuers)) };
  } catch (error) {
    throw unauthenticated(`The token is not accepted: ${error instanceof Error ? error.message : error}`);
  }
}

/** Demands a user of the organization with at least the role. @throws Forbidden */
export function requireUser(caller: Caller, organization: number, role: UserRole): UserClaims {
  if (caller.kind !== 'user') throw forbidden('A node token can not be used here.');
  if (caller.organization !== organization) {
    throw forbidden(`The token belongs to organization ${caller.organization}, not to organization ${organization}.`);
  }
  if (ROLES.indexOf(caller.role) < ROLES.indexOf(role)) {
    throw forbidden(`This takes the role ${role}; the token has ${caller.role}.`);
  }
  return caller;
}

/** Demands a node of the cluster. @throws Forbidden */
export function requireNode(caller: Caller, organization: number, clusterId?: number): NodeClaims {
  if (caller.kind !== 'node') throw forbidden('Only a node of the cluster may call this.');
  if (caller.organization !== organization || (clusterId !== undefined && caller.clusterId !== clusterId)) {
    throw forbidden(
      `The token belongs to node ${caller.node} of cluster ${caller.clusterId}: it is no good for another cluster.`,
    );
  }
  return caller;
}
