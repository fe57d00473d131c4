import { newExecution, startExecution, type Workflow } from '../aws/executions.ts';
import { settings } from '../aws/settings.ts';
import { addonConcern } from '../cluster/addon-state.ts';
import { type Cluster, connectionsOf, controlPlaneOf, hasAccount, isInitialized } from '../cluster/cluster.ts';
import { deploymentPrefix, parseInstanceUuid } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import { type Plan, plan, planNodes } from '../cluster/plan.ts';
import { type FoundVm, type FoundVms, type Stock, takeStock } from '../cluster/stock.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { eachLimited } from '../each-limited.ts';
import { SlipwayError } from '../errors.ts';
import { log } from '../log.ts';
import { inventory } from '../operations/inventory.ts';
import { findCluster, listMembers, setHealth } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { takeLock } from '../store/lock.ts';
import { listNodes } from '../store/nodes.ts';
import { isStale } from './hold-lock.ts';
import { learnAddons } from './learn-addons.ts';

/** Seconds for which a free session is waited for: the next check comes in a minute. */
const PATIENCE_SECONDS = 20;
/** Clusters that are checked at once. */
const AT_ONCE = 8;

/** What the check did: executions that it started, and connections that it could not read. */
export interface ScaleCheck {
  clusters: number;
  started: string[];
  unreachable: string[];
}

/**
 * Looks after every cluster: goes on where a run died without a word, and starts to converge where the VMs that exist are
 * not those that are wanted. One light inventory a connection; nothing is started where nothing is amiss.
 */
export async function checkScale(): Promise<ScaleCheck> {
  const members = await listMembers();
  const clusters = (await Promise.all(members.map(({ clusterId }) => findCluster(clusterId)))).filter(
    (cluster) => cluster !== undefined,
  );
  const result: ScaleCheck = { clusters: clusters.length, started: [], unreachable: [] };

  await eachLimited(clusters, AT_ONCE, (cluster) =>
    guarded(cluster, async () => {
      if (cluster.lock ? await isStale(cluster.lock) : mustGo(cluster)) await resume(cluster, result);
    }),
  );
  const known = new Set(members.map(({ clusterId }) => clusterId));
  const idle = clusters.filter((cluster) => !cluster.lock && isDue(cluster));
  const vms = await readConnections(idle, known, result);
  await eachLimited(idle, AT_ONCE, (cluster) =>
    guarded(cluster, async () => {
      const found = connectionsOf(cluster).map((connectionId) => vms.get(connectionId));
      // A vCenter that can't be read says nothing about its VMs: the clusters on it stay as they are, the others are checked.
      if (found.every((each) => each !== undefined)) await checkCluster(cluster, found, result);
    }),
  );
  return result;
}

/** Keeps what goes wrong with one cluster from the others. */
async function guarded(cluster: Cluster, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    log.error('cluster can not be checked', { cluster: cluster.id, error: error as Error });
  }
}

/** Clusters that are kept as they should be: those that came up, unless they are to go, or a failure asks to wait. */
function isDue(cluster: Cluster): boolean {
  if (!isInitialized(cluster) || cluster.status === 'CREATING') return false;
  return cluster.status !== 'DELETING' && !cluster.deletionRequestedAt && mayTry(cluster);
}

/** Clusters whose deletion failed. */
function mustGo(cluster: Cluster): boolean {
  return cluster.deletionRequestedAt !== undefined && mayTry(cluster);
}

const mayTry = ({ retryAt }: Cluster) => !retryAt || Date.parse(retryAt) <= Date.now();

/** Reads the VMs of our making on each connection that clusters are on, once; a connection that can't be read is left out. */
async function readConnections(
  clusters: readonly Cluster[],
  known: ReadonlySet<number>,
  result: ScaleCheck,
): Promise<Map<string, FoundVms>> {
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  const uuidPrefix = deploymentPrefix(deployment);
  const connections = new Map(
    clusters.flatMap((cluster) => connectionsOf(cluster).map((connectionId) => [connectionId, cluster.organization])),
  );
  const read = new Map<string, FoundVms>();
  await eachLimited([...connections], AT_ONCE, async ([connectionId, organization]) => {
    try {
      const connection = { organization, connectionId };
      const found = await onVCenter(connection, inventory, () => ({ uuidPrefix }), PATIENCE_SECONDS);
      read.set(connectionId, { vms: found.vms, unreadable: new Set(found.unreadable) });
      tellStrays(found.vms.filter((vm) => !known.has(parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId ?? 0)));
    } catch (error) {
      log.error('connection can not be read', { connection: connectionId, error: error as Error });
      result.unreachable.push(connectionId);
    }
  });
  return read;
}

/** VMs that no record knows are told of, not destroyed: a table restored from an old backup must not cost anybody a cluster. */
function tellStrays(strays: readonly FoundVm[]): void {
  if (strays.length > 0) log.error('VMs of ours that no record knows', { vms: strays.map(({ name }) => name) });
}

async function checkCluster(cluster: Cluster, found: readonly FoundVms[], result: ScaleCheck): Promise<void> {
  const nodes = await listNodes(cluster.id);
  const stock = takeStock(settings().SLIPWAY_DEPLOYMENT, cluster.id, nodes, {
    vms: found.flatMap(({ vms }) => vms),
    unreadable: new Set(found.flatMap(({ unreadable }) => [...unreadable])),
  });
  const reason = drift(cluster, nodes, stock) ?? accountChange(cluster);
  if (reason) await start(cluster, 'converge-cluster', 'DriftFound', reason, result);
  else await tellHealth(await learned(cluster, nodes), nodes, stock);
}

/** The next step towards the spec, once it is recorded which nodes are lost and which are not after all. */
function planned(cluster: Cluster, nodes: readonly Node[], { lost, recovered }: Stock): Plan {
  const gone = new Set(lost.map(({ node }) => node.name));
  const back = new Set(recovered.map(({ name }) => name));
  const statusOf = ({ name, status }: Pick<Node, 'name' | 'status'>) =>
    gone.has(name) ? 'lost' : back.has(name) ? 'ready' : status;
  return plan(
    cluster.spec.nodepools,
    planNodes(nodes).map((node) => ({ ...node, status: statusOf(node) })),
    controlPlaneOf(cluster),
  );
}

/** Why a cluster has to be converged; undefined where it is as wanted, or where nothing can be done. */
function drift(cluster: Cluster, nodes: readonly Node[], stock: Stock): string | undefined {
  const next = planned(cluster, nodes, stock);
  const reasons = [
    ...stock.lost.map(({ node, reason }) => `the VM of ${node.name} ${reason}`),
    ...stock.off.map(({ name }) => `the VM of ${name} is off`),
    ...stock.recovered.map(({ name }) => `the VM of ${name} is on again`),
  ];
  const mendable = stock.off.length > 0 || stock.recovered.length > 0;
  if (next.action === 'none') return mendable ? reasons.join('; ') : undefined;
  if (next.action === 'blocked' && !mendable && cluster.status === 'ERROR') return undefined;
  return reasons.length > 0 ? reasons.join('; ') : `nodes to ${next.action} are left`;
}

/** The cluster with what it says of its add-ons itself, if it is reached. */
async function learned(cluster: Cluster, nodes: readonly Node[]): Promise<Cluster> {
  try {
    return await learnAddons(cluster, nodes);
  } catch (error) {
    log.warn('add-ons can not be asked for', { cluster: cluster.id, error: error as Error });
    return cluster;
  }
}

/** Why a cluster has to be told an account again. */
function accountChange(cluster: Cluster): string | undefined {
  const changed = cluster.accountChangedAt !== undefined && hasAccount(cluster);
  return changed ? 'the account of its cloud provider and storage driver has changed' : undefined;
}

/** Says of a cluster that needs no change what only an administrator can mend, and that it is well again. */
async function tellHealth(cluster: Cluster, nodes: readonly Node[], stock: Stock): Promise<void> {
  const names = (some: readonly Node[]) => some.map(({ name }) => name).join(', ');
  const addons = addonConcern(cluster.addons);
  const concerns = [
    stock.suspended.length > 0 &&
      `Suspended VMs: ${names(stock.suspended)}. Resume them in vCenter, or switch them off to have them started anew.`,
    stock.copied.length > 0 &&
      `Several VMs have the instance UUIDs of ${names(stock.copied)}: all but one of each are copies made by hand. Remove the copies.`,
    stock.strays.length > 0 &&
      `VMs of this cluster that no record knows: ${stock.strays.map(({ name }) => name).join(', ')}. Destroy them in vCenter, or delete the cluster.`,
    addons ?? false,
  ].filter((concern) => concern !== false);
  if (concerns.length > 0) {
    const message = concerns.join(' ');
    if (cluster.statusMessage !== message && (await setHealth(cluster, 'WARNING', message))) {
      const type = message === addons ? 'AddonsNeedAttention' : 'VmsNeedAttention';
      await recordEvent(cluster.id, { type, message });
    }
  } else if (cluster.status !== 'RUNNING' && planned(cluster, nodes, stock).action === 'none') {
    const well = 'All nodes are as wanted again';
    if (await setHealth(cluster, 'RUNNING', well))
      await recordEvent(cluster.id, { type: 'ClusterRunning', message: well });
  }
}

/** Goes on with what a run that ended without a word was doing, or with a deletion that failed. */
async function resume(cluster: Cluster, result: ScaleCheck): Promise<void> {
  const workflows: Partial<Record<Cluster['status'], Workflow>> = {
    CREATING: 'create-cluster',
    DELETING: 'delete-cluster',
  };
  const workflow = cluster.deletionRequestedAt ? 'delete-cluster' : (workflows[cluster.status] ?? 'converge-cluster');
  const [type, reason] = cluster.lock
    ? ['LockTakenOver', 'the run before ended without a word']
    : ['DeletionResumed', 'the deletion before failed'];
  await start(cluster, workflow, type, reason, result);
}

async function start(
  cluster: Cluster,
  workflow: Workflow,
  type: string,
  reason: string,
  result: ScaleCheck,
): Promise<void> {
  const execution = newExecution(workflow);
  try {
    await takeLock(cluster.id, execution, cluster.lock?.execution);
  } catch (error) {
    // Somebody else took it between the read and now, or the cluster is gone: theirs to do.
    if (error instanceof SlipwayError) return;
    throw error;
  }
  await recordEvent(cluster.id, { type, message: `Starting ${workflow}: ${reason}`, execution });
  await startExecution(execution, { clusterId: cluster.id });
  result.started.push(execution);
}
