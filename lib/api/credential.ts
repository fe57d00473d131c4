import * as z from 'zod/mini';
import { parse } from '../parse.ts';
import { execCredential } from '../pki/index.ts';
import { issueUserCertificate, reachableCluster, roleFor, type User } from './user-certificate.ts';

/** Minutes for which such a certificate is good: clients ask for another when it is over. */
const MINUTES = 15;

const query = z.object({ role: z.optional(z.enum(['viewer', 'operator', 'admin'])) });

/**
 * What a credential plugin answers kubectl with: a client certificate for minutes. It is no event of the cluster: kubectl asks at
 * each call.
 * @throws NotFound, Conflict where the cluster has no API server yet, Forbidden, InvalidSpec
 */
export async function issueCredential(
  organization: number,
  clusterId: number,
  user: User,
  parameters: Record<string, string | undefined>,
) {
  const role = roleFor(user, parse(query, parameters, 'query').role);
  const { certificates } = await reachableCluster(organization, clusterId);
  const { expiresAt, ...client } = await issueUserCertificate(certificates, user, role, MINUTES);
  return execCredential(client, expiresAt);
}
