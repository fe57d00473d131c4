import { newExecution, startExecution, type Workflow } from '../aws/executions.ts';
import { settings } from '../aws/settings.ts';
import { type Cluster, connectionsOf, isInitialized } from '../cluster/cluster.ts';
import { deploymentPrefix, parseInstanceUuid } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import { plan, planNodes } from '../cluster/plan.ts';
import { type FoundVm, type Stock, takeStock } from '../cluster/stock.ts';
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

  for (const cluster of clusters) {
    if (cluster.lock && (await isStale(cluster.lock))) await resume(cluster, result);
  }
  const known = new Set(members.map(({ clusterId }) => clusterId));
  const idle = clusters.filter((cluster) => !cluster.lock && isDue(cluster));
  const vms = await readConnections(idle, known, result);
  await eachLimited(idle, AT_ONCE, async (cluster) => {
    const found = connectionsOf(cluster).map((connectionId) => vms.get(connectionId));
    // A vCenter that can't be read says nothing about its VMs: the clusters on it stay as they are, the others are checked.
    if (found.every((each) => each !== undefined)) await checkCluster(cluster, found.flat(), result);
  });
  return result;
}

/** Clusters that are kept as they should be: those that came up, unless a failure asks to wait. */
function isDue(cluster: Cluster): boolean {
  if (!isInitialized(cluster) || cluster.status === 'DELETING' || cluster.status === 'CREATING') return false;
  return !cluster.retryAt || Date.parse(cluster.retryAt) <= Date.now();
}

/** Reads the VMs of our making on each connection that clusters are on, once; a connection that can't be read is left out. */
async function readConnections(
  clusters: readonly Cluster[],
  known: ReadonlySet<number>,
  result: ScaleCheck,
): Promise<Map<string, FoundVm[]>> {
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  const uuidPrefix = deploymentPrefix(deployment);
  const connections = new Map(
    clusters.flatMap((cluster) => connectionsOf(cluster).map((connectionId) => [connectionId, cluster.organization])),
  );
  const read = new Map<string, FoundVm[]>();
  for (const [connectionId, organization] of connections) {
    try {
      const { vms } = await onVCenter({ organization, connectionId }, inventory, () => ({ uuidPrefix }));
      read.set(connectionId, vms);
      const strays = vms.filter((vm) => !known.has(parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId ?? 0));
      // They are told of, not destroyed: a table that was restored from an old backup must not cost anybody a cluster.
      if (strays.length > 0) log.error('VMs of clusters that no record knows', { vms: strays.map(({ name }) => name) });
    } catch (error) {
      log.error('connection can not be read', { connection: connectionId, error: error as Error });
      result.unreachable.push(connectionId);
    }
  }
  return read;
}

async function checkCluster(cluster: Cluster, vms: FoundVm[], result: ScaleCheck): Promise<void> {
  const nodes = await listNodes(cluster.id);
  const stock = takeStock(settings().SLIPWAY_DEPLOYMENT, cluster.id, nodes, vms);
  const reason = drift(cluster, nodes, stock);
  if (reason) await start(cluster, 'converge-cluster', 'DriftFound', reason, result);
  else await tellHealth(cluster, stock);
}

/** Why a cluster has to be converged; undefined where it is as wanted. */
function drift(cluster: Cluster, nodes: readonly Node[], { lost, off }: Stock): string | undefined {
  const gone = new Set(lost.map(({ node }) => node.name));
  const next = plan(
    cluster.spec.nodepools,
    planNodes(nodes).map((node) => (gone.has(node.name) ? { ...node, status: 'lost' as const } : node)),
  );
  const reasons = [
    ...lost.map(({ node, reason }) => `the VM of ${node.name} ${reason}`),
    ...off.map(({ name }) => `the VM of ${name} is off`),
  ];
  if (next.action === 'none') return off.length > 0 ? reasons.join('; ') : undefined;
  if (next.action === 'blocked' && off.length === 0 && cluster.status === 'ERROR') return undefined;
  return reasons.length > 0 ? reasons.join('; ') : `nodes to ${next.action} are left`;
}

/** Says of a cluster that is as wanted that somebody suspended VMs of it, and no longer once they are resumed. */
async function tellHealth(cluster: Cluster, { suspended }: Stock): Promise<void> {
  const names = suspended.map(({ name }) => name).join(', ');
  const message = `Suspended VMs: ${names}. Resume them in vCenter, or switch them off to have them started anew.`;
  if (suspended.length > 0 && cluster.statusMessage !== message && (await setHealth(cluster, 'WARNING', message))) {
    await recordEvent(cluster.id, { type: 'NodesSuspended', message });
  }
  if (suspended.length === 0 && cluster.status === 'WARNING') await setHealth(cluster, 'RUNNING', 'No VM is suspended');
}

/** Goes on with what a run that ended without a word was doing. */
async function resume(cluster: Cluster, result: ScaleCheck): Promise<void> {
  const workflows: Partial<Record<Cluster['status'], Workflow>> = {
    CREATING: 'create-cluster',
    DELETING: 'delete-cluster',
  };
  const workflow = workflows[cluster.status] ?? 'converge-cluster';
  await start(cluster, workflow, 'LockTakenOver', 'the run before ended without a word', result);
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
