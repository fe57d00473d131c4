import * as z from 'zod/mini';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { MARKS, marks } from '../cluster/identity.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { SlipwayError } from '../errors.ts';
import { destroyVms } from '../operations/destroy-vms.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { forgetNode, listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

const input = z.extend(onCluster, { vms: z.array(z.object({ name: z.string(), instanceUuid: z.string() })) });
const byName = z.extend(onCluster, { names: z.array(z.string()).check(z.minLength(1)) });

/** Destroys VMs of a cluster, each only if it bears the cluster's marks. @throws TaskFailed naming those that remain */
async function destroy(cluster: Cluster, vms: { name: string; instanceUuid: string }[]): Promise<void> {
  if (vms.length === 0) return;
  const { [MARKS.node]: _, ...expected } = marks(settings().SLIPWAY_DEPLOYMENT, cluster.id, '');
  const { nodes } = await onVCenter(cluster, destroyVms, () => ({ nodes: vms, marks: expected }));
  const left = nodes.filter((node) => !node.destroyed);
  if (left.length === 0) return;
  const reasons = left.map(({ name, error }) => `${name}: ${error?.name}: ${error?.message}`);
  throw new SlipwayError(
    'TaskFailed',
    `VMs of cluster ${cluster.name} could not be destroyed: ${reasons.join('; ')}`,
    502,
  );
}

/** Destroys the VMs of nodes that left their cluster, then forgets the nodes: what died in between is found and done again. */
export async function destroyNodes(value: unknown): Promise<{ destroyed: number }> {
  const { clusterId, owner, names } = parse(byName, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const nodes = (await listNodes(clusterId)).filter((node) => names.includes(node.name) && node.status === 'removing');
  await destroy(
    cluster,
    nodes.map(({ name, instanceUuid }) => ({ name, instanceUuid })),
  );
  for (const node of nodes) {
    await forgetNode(node);
    await recordEvent(clusterId, { type: 'NodeRemoved', node: node.name, message: `${node.name} is removed` });
  }
  return { destroyed: nodes.length };
}

/** Destroys the VMs that a sweep found. */
export async function destroySwept(value: unknown): Promise<{ destroyed: number }> {
  const { clusterId, owner, vms } = parse(input, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  await destroy(cluster, vms);
  await recordEvent(clusterId, {
    type: 'VmsDestroyed',
    message: `Destroyed ${vms.map(({ name }) => name).join(', ')}`,
  });
  return { destroyed: vms.length };
}
