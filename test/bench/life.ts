import { inspect } from 'node:util';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import { type BenchCloud, pool, startBenchCloud } from './bench-cloud.ts';
import { awaitWorkflow, countTransitions, type Transitions } from './executions.ts';

/** Seconds in which a creation or a deletion must end. */
const PATIENCE = 1500;

/** One cluster of so many nodes; a clone takes `cloneDelayMs`, and `atOnce` clones may run at once. */
export interface Life {
  nodes: number;
  cloneDelayMs: number;
  atOnce: number;
  masters: number;
  /** Prints what the sums consist of, on standard error. */
  details?: boolean;
}

/** What its creation and deletion took. */
export interface Measured extends Omit<Life, 'masters' | 'details'>, Transitions {
  createSeconds: number;
  deleteSeconds: number;
  createRequests: number;
  deleteRequests: number;
  requestsPerNode: number;
  destroyRequestsPerNode: number;
  callbacks: number;
  callbackP99Ms: number;
  lambdaMsTotal: number;
  transitionsPerNode: number;
  dynamodbUnitsPerNode: number;
  /** By the simulator's own count of the clone tasks that ran. */
  peakConcurrentClones: number;
}

/** Creates a cluster of light guests in a fresh embedded cloud, waits until it runs, deletes it, and waits until it is gone. */
export async function measureLife({ nodes, cloneDelayMs, atOnce, masters, details }: Life): Promise<Measured> {
  const cloud = await startBenchCloud({
    vcsimArgs: ['-light-guests', '-clone-delay', String(cloneDelayMs)],
    connection: { maxConcurrentClones: atOnce },
  });
  try {
    await cloud.asked('DELETE', '/requests');
    const began = Date.now();
    const nodepools = [pool('m', 'master', masters)];
    if (nodes > masters) nodepools.push(pool('w', 'worker', nodes - masters));
    const { id } = await cloud.call<{ id: number }>('POST', '/clusters', {
      name: 'bench',
      secretName: 'vc',
      kubernetes: PLAIN_KUBERNETES,
      nodepools,
    });
    await awaitWorkflow(cloud, 'create-cluster', PATIENCE);
    const createSeconds = seconds(began);
    const created = await takeRequests(cloud);
    await checkRunning(cloud, id, nodes);

    const deleting = Date.now();
    await cloud.call('DELETE', `/clusters/${id}`);
    await awaitWorkflow(cloud, 'delete-cluster', PATIENCE);
    const deleteSeconds = seconds(deleting);
    const deleted = await takeRequests(cloud);
    const left = await cloud.asked<{ template: boolean }[]>('GET', '/vms');
    if (left.some(({ template }) => !template)) throw new Error(`${left.length - 1} VMs are left after the deletion`);

    const callbacks = await cloud.asked<{ count: number; p99Ms: number }>('GET', '/callbacks');
    const { total, peak } = await cloud.asked<{ total: number; peak: number }>('GET', '/clones');
    if (total !== nodes) throw new Error(`${total} clones were made for ${nodes} nodes`);
    const meter = await cloud.meter();
    if (details) console.error(inspect({ create: created, delete: deleted, callbacks, meter }, { depth: 4 }));
    const workflows = await countTransitions(cloud);
    const [createRequests, deleteRequests] = [sum(created), sum(deleted)];
    const each = (total: number) => Number((total / nodes).toFixed(2));
    return {
      ...{ nodes, cloneDelayMs, atOnce, createSeconds, deleteSeconds, createRequests, deleteRequests },
      requestsPerNode: each(createRequests),
      destroyRequestsPerNode: each(deleteRequests),
      ...workflows,
      transitionsPerNode: each(workflows.transitions),
      callbacks: callbacks.count,
      callbackP99Ms: Math.round(callbacks.p99Ms),
      lambdaMsTotal: Math.round(meter.lambdaMs),
      dynamodbUnitsPerNode: each(meter.readUnits + meter.writeUnits),
      peakConcurrentClones: peak,
    };
  } finally {
    await cloud.stop();
  }
}

const seconds = (since: number) => Math.round((Date.now() - since) / 100) / 10;

/** The vCenter requests since they were last taken. */
async function takeRequests(cloud: BenchCloud): Promise<Record<string, number>> {
  const counts = await cloud.asked<Record<string, number>>('GET', '/requests');
  await cloud.asked('DELETE', '/requests');
  return counts;
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);

async function checkRunning(cloud: BenchCloud, id: number, nodes: number): Promise<void> {
  const cluster = await cloud.call<{ status: string; nodepools: { ready: number }[] }>('GET', `/clusters/${id}`);
  const ready = cluster.nodepools.reduce((total, each) => total + each.ready, 0);
  if (cluster.status !== 'RUNNING' || ready !== nodes) {
    throw new Error(`the cluster is ${cluster.status} with ${ready} of ${nodes} nodes ready`);
  }
}
