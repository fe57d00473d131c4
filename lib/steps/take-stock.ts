import { settings } from '../aws/settings.ts';
import { deploymentPrefix } from '../cluster/identity.ts';
import { takeStock as compare } from '../cluster/stock.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { inventory } from '../operations/inventory.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes, updateFields } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

/** Compares a cluster's records with the VMs that exist, and marks the nodes whose VM is gone or off as lost. */
export async function takeStock(value: unknown): Promise<{ lost: number }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  const nodes = await listNodes(clusterId);
  const { vms } = await onVCenter(cluster, inventory, () => ({ uuidPrefix: deploymentPrefix(deployment) }));
  const { lost } = compare(deployment, clusterId, nodes, vms);
  for (const { node, reason } of lost) {
    const message = `The VM of ${node.name} ${reason}: the node is replaced`;
    await updateFields(clusterId, node.name, { status: 'lost', message });
    await recordEvent(clusterId, { type: 'NodeLost', node: node.name, message });
  }
  return { lost: lost.length };
}
