import type { UserRole } from '../auth/authenticate.ts';
import { isInitialized } from '../cluster/cluster.ts';
import { endpointOf } from '../cluster/endpoint.ts';
import { isEtcdCluster } from '../cluster/etcd.ts';
import { conflict, forbidden } from '../errors.ts';
import { issueClientCertificate } from '../pki/index.ts';
import { readClusterKeys } from '../store/cluster-keys.ts';
import { listNodes } from '../store/nodes.ts';
import { clusterOf } from './clusters.ts';

/** Who asks for access to a cluster. */
export interface User {
  subject: string;
  role: UserRole;
}

/** The group of each role in a cluster, which its RBAC knows; lesser roles first. */
const GROUPS: Record<UserRole, string> = {
  viewer: 'slipway:view',
  operator: 'slipway:edit',
  admin: 'slipway:admin',
};
const ROLES = Object.keys(GROUPS) as UserRole[];

/** The name under which a user is known in clusters. A common name has 64 characters at most (RFC 5280). */
export const userName = ({ subject }: User) => `slipway:${subject}`.slice(0, 64);

/**
 * A cluster that can be reached, and where.
 * @throws NotFound, Conflict where it has no API server yet
 */
export async function reachableCluster(organization: number, clusterId: number) {
  const cluster = await clusterOf(organization, clusterId);
  if (isEtcdCluster(cluster)) {
    throw conflict(`Cluster ${cluster.name} is an etcd cluster: it has no API server, and so no kubeconfig.`);
  }
  const endpoint = endpointOf(cluster, await listNodes(clusterId));
  if (!endpoint || !isInitialized(cluster)) {
    throw conflict(
      `Cluster ${cluster.name} has no API server that is ready (it is ${cluster.status}): ask again later.`,
    );
  }
  const { certificates } = await readClusterKeys(clusterId);
  return { cluster, server: `https://${endpoint}`, certificates };
}

/**
 * The role that a certificate is to have: the user's own, or a lesser one that was asked for.
 * @throws Forbidden where it would be more than the user's
 */
export function roleFor(user: User, wanted: UserRole = user.role): UserRole {
  if (ROLES.indexOf(wanted) <= ROLES.indexOf(user.role)) return wanted;
  throw forbidden(`A certificate with the role ${wanted} takes that role; the token has ${user.role}.`);
}

/** Issues a user a client certificate with the group of a role. */
export async function issueUserCertificate(
  {
    kubernetesCaSigningCert: caCert,
    kubernetesCaKey: caKey,
  }: { kubernetesCaSigningCert: string; kubernetesCaKey: string },
  user: User,
  role: UserRole,
  minutes: number,
) {
  const client = await issueClientCertificate({
    caCert,
    caKey,
    commonName: userName(user),
    organizations: [GROUPS[role]],
    minutes,
  });
  return { ...client, expiresAt: new Date(Date.now() + minutes * 60_000).toISOString() };
}
