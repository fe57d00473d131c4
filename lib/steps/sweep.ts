import { settings } from '../aws/settings.ts';
import { type Cluster, connectionsOf } from '../cluster/cluster.ts';
import { deploymentPrefix, parseInstanceUuid, removalFolder } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import { type Connected, withConnection } from '../connector/dispatch.ts';
import { inventory } from '../operations/inventory.ts';
import { pendingClones } from '../operations/pending-clones.ts';
import { removeFolders } from '../operations/remove-folders.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
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
 * @returns the next VMs to destroy, and whether the cluster is gone from the vCenters
 */
export async function sweep(value: unknown): Promise<{ vms: LeftVm[]; clean: boolean }> {
  const { clusterId, owner } = parse(onCluster, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const cloning = (await listNodes(clusterId)).filter((node) => node.status === 'cloning' && !node.vm);
  const left: LeftVm[] = [];
  let pending = 0;
  for (const connectionId of connectionsOf(cluster)) {
    const { organization } = cluster;
    await withConnection({ organization, connectionId }, async (connected) => {
      pending += await countPending(
        connected,
        cloning.filter((node) => node.connectionId === connectionId),
      );
      left.push(...(await findLeft(connected, cluster, connectionId)));
    });
  }
  return { vms: left.slice(0, BATCH), clean: left.length === 0 && pending === 0 };
}

/** Before the VMs are looked for: a clone that ends in between is found then. */
async function countPending({ run }: Connected, cloning: Node[]): Promise<number> {
  if (cloning.length === 0) return 0;
  const since = cloning.map(({ askedAt, createdAt }) => askedAt ?? createdAt).sort()[0] as string;
  const tasks = cloning.flatMap(({ task }) => (task ? [task] : []));
  return (await run(pendingClones, { tasks, since, unseen: cloning.length > tasks.length })).pending;
}

async function findLeft({ run }: Connected, { id }: Cluster, connectionId: string): Promise<LeftVm[]> {
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  const { vms, folders } = await run(inventory, {
    uuidPrefix: deploymentPrefix(deployment),
    folderName: removalFolder(deployment, id),
  });
  const own = vms.filter((vm) => parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId === id);
  if (own.length === 0 && folders.length > 0) await run(removeFolders, { folders });
  const byUuid = Map.groupBy(own, ({ instanceUuid }) => instanceUuid);
  return [...byUuid].map(([instanceUuid, [vm, copy]]) => ({
    name: vm?.name ?? '',
    instanceUuid,
    // With a copy made by hand the id says nothing: both are looked at again, and none is touched.
    vm: copy ? undefined : vm?.vm,
    connectionId,
  }));
}
