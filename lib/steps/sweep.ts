import { settings } from '../aws/settings.ts';
import { type Cluster, connectionsOf } from '../cluster/cluster.ts';
import { deploymentPrefix, parseInstanceUuid, removalFolder } from '../cluster/identity.ts';
import { type Connected, withConnection } from '../connector/dispatch.ts';
import { inventory } from '../operations/inventory.ts';
import { removeFolders } from '../operations/remove-folders.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { dropPlanned, listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { removeRules } from './keep-masters-apart.ts';
import { countPending } from './pending-clones.ts';
import { onCluster } from './step-input.ts';

/** VMs that one call destroys. */
const BATCH = 250;

/** A VM that is left of a cluster. */
interface LeftVm {
  name: string;
  instanceUuid: string;
  vm?: string;
  connectionId: string;
}

/**
 * Finds what is left of a cluster on its vCenters: VMs with its UUIDs, recorded or not, and clones still being made.
 * @returns the next VMs to destroy, whether the cluster is gone from the vCenters, and whether it has something in an etcd elsewhere
 */
export async function sweep(value: unknown): Promise<{ vms: LeftVm[]; clean: boolean; etcd: boolean }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const recorded = await listNodes(clusterId);
  // What was not asked for is not to be: a step of the run before may still be about to.
  const planned = recorded.filter(({ status }) => status === 'planned');
  for (const { name } of planned) await dropPlanned(clusterId, name);
  const nodes = planned.length > 0 ? await listNodes(clusterId) : recorded;
  const left: LeftVm[] = [];
  let pending = 0;
  for (const connectionId of connectionsOf(cluster)) {
    const { organization } = cluster;
    const own = nodes.filter((node) => node.connectionId === connectionId);
    await withConnection({ organization, connectionId }, async (connected) => {
      // Before the VMs are looked for: a clone that ends in between is found then.
      pending += await countPending(connected, own);
      const found = await findLeft(connected, cluster, connectionId);
      left.push(...found.vms);
      pending += own.filter(({ vm }) => vm && found.unreadable.includes(vm)).length;
    });
  }
  const clean = left.length === 0 && pending === 0;
  if (clean) await removeRules(cluster);
  return { vms: left.slice(0, BATCH), clean, etcd: cluster.etcd !== undefined };
}

async function findLeft(
  { run }: Connected,
  { id }: Cluster,
  connectionId: string,
): Promise<{ vms: LeftVm[]; unreadable: string[] }> {
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  const { vms, folders, unreadable } = await run(inventory, {
    uuidPrefix: deploymentPrefix(deployment),
    folderName: removalFolder(deployment, id),
  });
  const own = vms.filter((vm) => parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId === id);
  if (own.length === 0 && folders.length > 0) await run(removeFolders, { folders });
  const byUuid = Map.groupBy(own, ({ instanceUuid }) => instanceUuid);
  const left = [...byUuid].map(([instanceUuid, [vm, copy]]) => ({
    name: vm?.name ?? '',
    instanceUuid,
    // With a copy made by hand the id says nothing: both are looked at again, and none is touched.
    vm: copy ? undefined : vm?.vm,
    connectionId,
  }));
  return { vms: left, unreadable };
}
