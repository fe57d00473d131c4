import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { MARKS, marks, removalFolder } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import { onVCenter, withConnection } from '../connector/dispatch.ts';
import { SlipwayError } from '../errors.ts';
import { destroyVms } from '../operations/destroy-vms.ts';
import { parse } from '../parse.ts';
import { releaseAddresses } from '../store/addresses.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { forgetNode, listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { keepMastersApart } from './keep-masters-apart.ts';
import { countPending, mayComeYet } from './pending-clones.ts';
import { onCluster } from './step-input.ts';

/** Seconds for which one call waits for clones, and milliseconds between two looks. */
const CLONE_SECONDS = 100;
const LOOK_MS = 3000;

const vm = z.object({
  name: z.string(),
  instanceUuid: z.string(),
  vm: z.optional(z.string()),
  connectionId: z.string(),
});
type Vm = z.infer<typeof vm>;

const input = z.extend(onCluster, { vms: z.array(vm) });
const byName = z.extend(onCluster, { names: z.array(z.string()).check(z.minLength(1)) });

/** Destroys VMs of a cluster, each only if it bears the cluster's marks. @throws TaskFailed naming those that remain */
async function destroy({ id, name, organization }: Cluster, vms: readonly Vm[]): Promise<void> {
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  const { [MARKS.node]: _, ...expected } = marks(deployment, id, '');
  const left: string[] = [];
  for (const [connectionId, nodes] of Map.groupBy(vms, (each) => each.connectionId)) {
    const answer = await onVCenter({ organization, connectionId }, destroyVms, () => ({
      nodes,
      marks: expected,
      folderName: removalFolder(deployment, id),
    }));
    const reasons = answer.nodes.filter((node) => !node.destroyed);
    left.push(...reasons.map((node) => `${node.name}: ${node.error?.name}: ${node.error?.message}`));
  }
  if (left.length === 0) return;
  throw new SlipwayError('TaskFailed', `VMs of cluster ${name} could not be destroyed: ${left.join('; ')}`, 502);
}

/** Waits for the clones of nodes that are to go: one that ends later would run for ever, with nobody knowing it. */
async function untilCloned({ organization, name }: Cluster, nodes: readonly Node[]): Promise<void> {
  const coming = nodes.filter(mayComeYet);
  for (const [connectionId, own] of Map.groupBy(coming, (node) => node.connectionId)) {
    await withConnection({ organization, connectionId }, async (connected) => {
      for (const end = Date.now() + CLONE_SECONDS * 1000; (await countPending(connected, own)) > 0; ) {
        if (Date.now() > end) {
          throw new SlipwayError(
            'TaskFailed',
            `Cluster ${name}: clones of nodes that are to go are still under way`,
            502,
          );
        }
        await sleep(LOOK_MS);
      }
    });
  }
}

/** Destroys the VMs of nodes that left their cluster, then forgets the nodes: what died in between is found and done again. */
export async function destroyNodes(value: unknown): Promise<{ destroyed: number }> {
  const { clusterId, owner, names } = parse(byName, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const nodes = (await listNodes(clusterId)).filter((node) => names.includes(node.name) && node.status === 'removing');
  await untilCloned(cluster, nodes);
  await destroy(cluster, nodes);
  await releaseAddresses(cluster.organization, clusterId, new Set(nodes.map(({ serial }) => serial)));
  for (const node of nodes) {
    await forgetNode(node);
    await recordEvent(clusterId, { type: 'NodeRemoved', node: node.name, message: `${node.name} is removed` });
  }
  if (nodes.some(({ role }) => role !== 'worker')) await keepMastersApart(clusterId);
  return { destroyed: nodes.length };
}

/** Destroys the VMs that a sweep found. */
export async function destroySwept(value: unknown): Promise<{ destroyed: number }> {
  const { clusterId, owner, vms } = parse(input, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  await destroy(cluster, vms);
  const names = vms.map(({ name }) => name).join(', ');
  await recordEvent(clusterId, { type: 'VmsDestroyed', message: `Destroyed ${vms.length} VMs: ${names}` });
  return { destroyed: vms.length };
}
