import * as z from 'zod/mini';
import { LAUNCHING, type Node } from '../cluster/node.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { cloneVms } from '../operations/clone-vms.ts';
import { placements } from '../operations/placement/placement.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { findNode, updateLaunching } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { settle } from './settle.ts';
import { onWave } from './step-input.ts';
import { toClone } from './to-clone.ts';

const input = z.extend(onWave, {
  names: z.array(z.string()).check(z.minLength(1)),
  placement: z.object({ placements }),
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
    placements: placement.placements,
    maxConcurrent: connection.maxConcurrentClones,
    nodes: await Promise.all(nodes.map((node) => toClone(cluster, node, placement.placements, connection))),
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
