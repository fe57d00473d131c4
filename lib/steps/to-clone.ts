import type { ConnectionValues } from '../api/secret-values.ts';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { marks } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import type { CloneNode } from '../operations/clone-spec.ts';
import type { Placement } from '../operations/resolve-placement.ts';
import { markCloning } from '../store/nodes.ts';
import { nodeGuestinfo } from './node-guestinfo.ts';

/** What the clone of a node is asked for with; notes that it is about to be. */
export async function toClone(
  cluster: Cluster,
  node: Node,
  templates: Placement['templates'],
  connection: ConnectionValues,
): Promise<CloneNode> {
  const pool = cluster.spec.nodepools.find(({ name }) => name === node.pool);
  const template = templates[pool?.template ?? connection.defaultNodeTemplate ?? ''];
  if (!pool || !template)
    throw new Error(`Node ${node.name}: its pool ${node.pool} or its template is no longer known.`);
  const { mayExist } = await markCloning(cluster.id, node.name);
  return {
    name: node.name,
    instanceUuid: node.instanceUuid,
    template,
    vcpu: pool.vcpu,
    ramMiB: pool.ram,
    marks: marks(settings().SLIPWAY_DEPLOYMENT, cluster.id, node.name),
    extraConfig: await nodeGuestinfo(cluster, node, pool),
    mayExist,
  };
}
