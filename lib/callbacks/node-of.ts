import type { Caller } from '../auth/authenticate.ts';
import { requireNode } from '../auth/authenticate.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Node } from '../cluster/node.ts';
import { conflict, notFound } from '../errors.ts';
import { findCluster } from '../store/clusters.ts';
import { findNode } from '../store/nodes.ts';

/**
 * The cluster and the node that a callback speaks for: those of its token.
 * @throws Forbidden; NotFound where they are gone; Conflict where the token was another VM's of the same name
 */
export async function nodeOf(
  caller: Caller,
  organization: number,
  clusterId?: number,
): Promise<{ cluster: Cluster; node: Node }> {
  const claims = requireNode(caller, organization, clusterId);
  const [cluster, node] = await Promise.all([findCluster(claims.clusterId), findNode(claims.clusterId, claims.node)]);
  if (!cluster || !node) throw notFound(`Node ${claims.node} of cluster ${claims.clusterId} is no longer known.`);
  if (claims.serial !== node.serial) throw conflict(`Node ${claims.node} was replaced by another VM of that name.`);
  return { cluster, node };
}
