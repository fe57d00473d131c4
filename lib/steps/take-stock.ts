import { settings } from '../aws/settings.ts';
import { type Cluster, connectionsOf } from '../cluster/cluster.ts';
import { deploymentPrefix, marks } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import { takeStock as compare, type FoundVms } from '../cluster/stock.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { inventory } from '../operations/inventory.ts';
import { powerOnVms } from '../operations/power-on-vms.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes, updateFields } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

/**
 * Compares a cluster's records with the VMs that exist. Nodes whose VM is gone are lost; VMs that are off are switched on.
 */
export async function takeStock(value: unknown): Promise<{ lost: number; poweredOn: number }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const nodes = await listNodes(clusterId);
  const { lost, off, recovered } = compare(settings().SLIPWAY_DEPLOYMENT, clusterId, nodes, await findVms(cluster));
  for (const { name } of recovered) {
    await updateFields(clusterId, name, { status: 'ready' });
    await recordEvent(clusterId, { type: 'NodeRecovered', node: name, message: `The VM of ${name} is on again` });
  }
  for (const { node, reason } of lost) {
    await lose(node, `The VM of ${node.name} ${reason}: the node is replaced`);
  }
  const { organization } = cluster;
  for (const [connectionId, own] of Map.groupBy(off, (node) => node.connectionId)) {
    await powerOn({ organization, connectionId }, own);
  }
  return { lost: lost.length, poweredOn: off.length };
}

/** The VMs of our making on every vCenter that a cluster is on, and those that can not be read. */
async function findVms(cluster: Cluster): Promise<FoundVms> {
  const { organization } = cluster;
  const uuidPrefix = deploymentPrefix(settings().SLIPWAY_DEPLOYMENT);
  const found = await Promise.all(
    connectionsOf(cluster).map((connectionId) =>
      onVCenter({ organization, connectionId }, inventory, () => ({ uuidPrefix })),
    ),
  );
  return {
    vms: found.flatMap(({ vms }) => vms),
    unreadable: new Set(found.flatMap(({ unreadable }) => unreadable)),
  };
}

async function powerOn(connection: { organization: number; connectionId: string }, nodes: Node[]): Promise<void> {
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  const answer = await onVCenter(connection, powerOnVms, () => ({
    nodes: nodes.map(({ clusterId, name, instanceUuid }) => ({
      name,
      instanceUuid,
      marks: marks(deployment, clusterId, name),
    })),
  }));
  for (const { name, state, error } of answer.nodes) {
    const node = nodes.find((each) => each.name === name) as Node;
    if (state === 'failed') {
      await lose(node, `The VM of ${name} is off and does not start (${error?.message}): the node is replaced`);
      continue;
    }
    await updateFields(node.clusterId, name, { poweredOnAt: new Date().toISOString() });
    const message = `The VM of ${name} was off: switched on`;
    await recordEvent(node.clusterId, { type: 'NodePoweredOn', node: name, message });
  }
}

async function lose({ clusterId, name }: Node, message: string): Promise<void> {
  await updateFields(clusterId, name, { status: 'lost', message });
  await recordEvent(clusterId, { type: 'NodeLost', node: name, message });
}
