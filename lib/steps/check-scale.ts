import { newExecution, startExecution, type Workflow } from '../aws/executions.ts';
import { settings } from '../aws/settings.ts';
import { type Cluster, isInitialized } from '../cluster/cluster.ts';
import { deploymentPrefix, parseInstanceUuid } from '../cluster/identity.ts';
import { plan } from '../cluster/plan.ts';
import { type FoundVm, takeStock } from '../cluster/stock.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { SlipwayError } from '../errors.ts';
import { log } from '../log.ts';
import { inventory } from '../operations/inventory.ts';
import { findCluster, listMembers } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { takeLock } from '../store/lock.ts';
import { listNodes } from '../store/nodes.ts';
import { isStale } from './hold-lock.ts';

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
  for (const [connectionId, own] of Map.groupBy(idle, (cluster) => cluster.connectionId)) {
    await checkConnection(connectionId, own, known, result);
  }
  return result;
}

/** Clusters that are kept as they should be: those that came up, unless a failure asks to wait. */
function isDue(cluster: Cluster): boolean {
  if (!isInitialized(cluster) || cluster.status === 'DELETING' || cluster.status === 'CREATING') return false;
  return !cluster.retryAt || Date.parse(cluster.retryAt) <= Date.now();
}

async function checkConnection(
  connectionId: string,
  clusters: Cluster[],
  known: ReadonlySet<number>,
  result: ScaleCheck,
): Promise<void> {
  const deployment = settings().SLIPWAY_DEPLOYMENT;
  let vms: FoundVm[];
  try {
    const input = { uuidPrefix: deploymentPrefix(deployment) };
    ({ vms } = await onVCenter(clusters[0] as Cluster, inventory, () => input));
  } catch (error) {
    // A vCenter that can't be read says nothing about its VMs: the clusters on it stay as they are, the others are checked.
    log.error('connection can not be read', { connection: connectionId, error: error as Error });
    result.unreachable.push(connectionId);
    return;
  }
  for (const cluster of clusters) {
    const reason = await drift(deployment, cluster, vms);
    if (reason) await start(cluster, 'converge-cluster', 'DriftFound', reason, result);
  }
  const strays = vms.filter((vm) => !known.has(parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId ?? 0));
  // They are told of, not destroyed: a table that was restored from an old backup must not cost anybody a cluster.
  if (strays.length > 0) log.error('VMs of clusters that no record knows', { vms: strays.map(({ name }) => name) });
}

/** Why a cluster has to be converged; undefined where it is as wanted. */
async function drift(deployment: string, cluster: Cluster, vms: FoundVm[]): Promise<string | undefined> {
  const nodes = await listNodes(cluster.id);
  const { lost } = takeStock(deployment, cluster.id, nodes, vms);
  const gone = new Set(lost.map(({ node }) => node.name));
  const seen = nodes.map((node) => ({
    ...node,
    status: gone.has(node.name) ? ('lost' as const) : node.status,
    joined: node.readyAt !== undefined,
  }));
  const next = plan(cluster.spec.nodepools, seen);
  if (next.action === 'none') return undefined;
  if (next.action === 'blocked' && cluster.status === 'ERROR') return undefined;
  return lost.length > 0
    ? lost.map(({ node, reason }) => `the VM of ${node.name} ${reason}`).join('; ')
    : `nodes to ${next.action} are left`;
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
