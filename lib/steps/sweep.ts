import { settings } from '../aws/settings.ts';
import { deploymentPrefix, parseInstanceUuid } from '../cluster/identity.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { inventory } from '../operations/inventory.ts';
import { observeNodes } from '../operations/observe-nodes.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

/** VMs that one call destroys. */
const BATCH = 40;
/** Seconds to wait for clones that are still being made. */
const CLONE_SECONDS = 25;

/**
 * Finds what is left of a cluster on its vCenter: VMs with its UUIDs, recorded or not, and clones still being made.
 * @returns the next VMs to destroy, and whether the cluster is gone from the vCenter
 */
export async function sweep(
  value: unknown,
): Promise<{ vms: { name: string; instanceUuid: string }[]; clean: boolean }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const deployment = settings().SLIPWAY_DEPLOYMENT;

  const underWay = (await listNodes(clusterId)).filter((node) => node.status === 'cloning' && node.task);
  const seen = underWay.length
    ? await onVCenter(cluster, observeNodes, () => ({
        nodes: underWay.map(({ name, vm, task, instanceUuid }) => ({ name, vm, task, instanceUuid })),
        maxWaitSeconds: CLONE_SECONDS,
      }))
    : { nodes: [] };
  const cloning = seen.nodes.filter(({ state }) => state === 'cloning').length;

  const { vms } = await onVCenter(cluster, inventory, () => ({ uuidPrefix: deploymentPrefix(deployment) }));
  const own = vms.filter((vm) => parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId === clusterId);
  return {
    vms: own.slice(0, BATCH).map(({ name, instanceUuid }) => ({ name, instanceUuid })),
    clean: own.length === 0 && cloning === 0,
  };
}
