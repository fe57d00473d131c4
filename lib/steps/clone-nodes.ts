import * as z from 'zod/mini';
import type { ConnectionValues } from '../api/secret-values.ts';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { marks } from '../cluster/identity.ts';
import { LAUNCHING, type Node } from '../cluster/node.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { cloneVms } from '../operations/clone-vms.ts';
import { resolvePlacement } from '../operations/resolve-placement.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { findNode, markCloning, updateLaunching } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { nodeGuestinfo } from './node-guestinfo.ts';
import { settle } from './settle.ts';
import { onWave } from './step-input.ts';

const input = z.extend(onWave, {
  names: z.array(z.string()).check(z.minLength(1)),
  placement: resolvePlacement.output,
});

/**
 * Asks vCenter for the VMs of a batch of nodes, one request each. It does not wait until they are made.
 *
 * May run twice: what was asked for before is noted before it is asked, and such a node's VM is looked for first.
 * @throws the operation's errors where the whole batch is concerned; an error of one node settles that node as failed
 */
export async function cloneNodes(value: unknown): Promise<{ asked: number }> {
  const { clusterId, owner, wave, names, placement } = parse(input, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const found = await Promise.all(names.map((name) => findNode(clusterId, name)));
  const nodes = found.filter(
    (node) => node !== undefined && node.wave === wave && LAUNCHING.includes(node.status),
  ) as Node[];
  if (nodes.length === 0) return { asked: 0 };

  const answer = await onVCenter(cluster, cloneVms, async (connection) => ({
    placement,
    maxConcurrent: connection.maxConcurrentClones,
    nodes: await Promise.all(nodes.map((node) => toClone(cluster, node, placement.templates, connection))),
  }));

  await Promise.all(
    answer.nodes.map(async ({ name, vm, task, adopted, error }) => {
      const node = nodes.find((each) => each.name === name) as Node;
      if (error) {
        await settle(node, { status: 'failed', message: `${error.name}: ${error.message}` });
        return;
      }
      await updateLaunching(clusterId, name, { vm, task });
      const message = adopted ? `${name}'s VM exists already: adopted` : `Cloning ${name}`;
      await recordEvent(clusterId, { type: adopted ? 'NodeAdopted' : 'NodeCloning', node: name, message });
    }),
  );
  return { asked: nodes.length };
}

async function toClone(
  cluster: Cluster,
  node: Node,
  templates: z.infer<typeof resolvePlacement.output>['templates'],
  connection: ConnectionValues,
) {
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
