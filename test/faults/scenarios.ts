import { setTimeout as sleep } from 'node:timers/promises';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import type { Api, ClusterView } from './api.ts';
import type { Lane } from './lane.ts';

export const SCENARIOS = ['create', 'scale up', 'scale down', 'heal', 'delete'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** A cluster on a lane that goes through the scenarios. */
export interface Subject {
  lane: Lane;
  name: string;
  connection: string;
  id: number;
  /** Workers that it is created with. */
  workers: number;
}

/** How an operation ended: as wanted at once, or in ERROR with a message and as wanted when it was asked for again. */
export interface End {
  again?: string;
}

/** Seconds in which an operation must end. */
const SECONDS = 90;
/** Seconds between two scale checks while an operation goes on. */
const CHECK_SECONDS = 8;
/** What begins the message of an ERROR: what failed, then the name of the error. */
const CLEAR = /^(Creation|Deletion|The change) (failed|took too long|was stopped): \w[\w.]*: \S/;

const pools = (workers: number) => [
  { name: 'masters', roles: ['master'], size: 1, vcpu: 2, ram: 2048 },
  { name: 'workers', roles: ['worker'], size: workers, vcpu: 2, ram: 2048 },
];

/** Runs a scenario to its end. @throws Error where it does not come to what was wanted */
export async function play(scenario: Scenario, subject: Subject): Promise<End> {
  const { lane, id, workers: few } = subject;
  const scale = async (workers: number) =>
    await again(subject, workers, () => lane.api.ask('PUT', `/clusters/${id}`, { nodepools: pools(workers) }));
  switch (scenario) {
    case 'create':
      return await create(subject);
    case 'scale up':
      return await scale(2 * few);
    case 'scale down':
      return await scale(few);
    case 'heal':
      return await heal(subject, () => scale(few));
    case 'delete':
      return await remove(subject);
  }
}

async function create(subject: Subject): Promise<End> {
  const { lane, name, connection, workers } = subject;
  const ask = async () => {
    const body = { name, secretName: connection, kubernetes: PLAIN_KUBERNETES, nodepools: pools(workers) };
    subject.id = (await lane.api.ask('POST', '/clusters', body)).id;
  };
  await ask();
  const cluster = await settled(lane.api, subject.id);
  if (cluster.status === 'RUNNING') {
    await expectNodes(subject, cluster, workers);
    return {};
  }
  // What was made is kept for inspection, and removed by a deletion: then it can be made again.
  await lane.disarm();
  const first = subject.id;
  await remove(subject);
  await expectNothing(subject, first);
  await ask();
  await running(subject, workers);
  return { again: cluster.statusMessage };
}

/** Changes a cluster, twice if the first ends in ERROR. */
async function again(subject: Subject, workers: number, ask: () => Promise<unknown>): Promise<End> {
  await ask();
  const cluster = await settled(subject.lane.api, subject.id);
  if (cluster.status === 'RUNNING') {
    await expectNodes(subject, cluster, workers);
    return {};
  }
  await subject.lane.disarm();
  await ask();
  await running(subject, workers);
  return { again: cluster.statusMessage };
}

async function heal(subject: Subject, repeat: () => Promise<unknown>): Promise<End> {
  const { lane, id, workers } = subject;
  const killed = (await lane.vms(id)).find(({ name }) => name.includes('-workers-'));
  if (!killed) throw new Error('there is no worker to kill');
  await lane.control('POST', `/vms/${killed.name}/kill`);
  const healed = async () => {
    const vms = await lane.vms(id);
    return vms.length === 1 + workers && vms.every(({ instanceUuid }) => instanceUuid !== killed.instanceUuid);
  };
  let checked = 0;
  for (const end = Date.now() + SECONDS * 1000; ; await sleep(200)) {
    const { body } = (await lane.api.call('GET', `/clusters/${id}`)) as { body: ClusterView };
    if (body.execution === null && body.status === 'ERROR') {
      clear(body);
      // The scale check tries again after a minute: the same is asked for by hand.
      await lane.disarm();
      await repeat();
      return { again: body.statusMessage };
    }
    if (body.execution === null && body.status === 'RUNNING' && (await healed())) {
      await expectNodes(subject, body, workers);
      return {};
    }
    if (Date.now() > end) throw new Error(`not healed in ${SECONDS} s: ${JSON.stringify(body)}`);
    if (Date.now() > checked + (body.execution === null ? 1000 : CHECK_SECONDS * 1000)) {
      checked = Date.now();
      await lane.api.scaleCheck();
    }
  }
}

/** Deletes a cluster, again where that ends in ERROR. */
export async function remove({ lane, id }: Pick<Subject, 'lane' | 'id'>): Promise<End> {
  let message: string | undefined;
  for (let tries = 3; tries > 0; tries--) {
    await lane.api.ask('DELETE', `/clusters/${id}`).catch((error) => {
      if (!/HTTP 404/.test(String(error))) throw error;
    });
    const left = await settled(lane.api, id);
    if (left.status === 'GONE') return { again: message };
    message = left.statusMessage;
    await lane.disarm();
  }
  throw new Error(`the deletion ends in ERROR again and again: ${message}`);
}

/** Waits until a run has ended, with the help of the scale check where it died. @returns the cluster; status GONE if there is none */
async function settled(api: Api, id: number): Promise<ClusterView> {
  let checked = Date.now();
  for (const end = Date.now() + SECONDS * 1000; ; await sleep(150)) {
    const { status, body } = await api.call('GET', `/clusters/${id}`);
    if (status === 404) return { ...body, status: 'GONE' };
    if (status === 200 && body.execution === null && ['RUNNING', 'ERROR'].includes(body.status)) {
      if (body.status === 'ERROR') clear(body);
      return body;
    }
    if (Date.now() > end) throw new Error(`not ended in ${SECONDS} s: ${body.status} ${body.statusMessage}`);
    if (Date.now() > checked + CHECK_SECONDS * 1000) {
      checked = Date.now();
      await api.scaleCheck();
    }
  }
}

function clear({ statusMessage }: ClusterView): void {
  if (!CLEAR.test(statusMessage)) throw new Error(`ERROR without a clear message: ${statusMessage}`);
}

async function running(subject: Subject, workers: number): Promise<void> {
  const cluster = await settled(subject.lane.api, subject.id);
  if (cluster.status !== 'RUNNING')
    throw new Error(`asked for again, it is ${cluster.status}: ${cluster.statusMessage}`);
  await expectNodes(subject, cluster, workers);
}

/** A running cluster has its nodes: each a VM that is on, and no VM more. */
async function expectNodes({ lane, id }: Subject, { nodepools }: ClusterView, workers: number): Promise<void> {
  const ready = nodepools.map((pool) => pool.ready).join('+');
  const vms = await lane.vms(id);
  const on = vms.filter(({ power }) => power === 'poweredOn');
  if (ready !== `1+${workers}` || vms.length !== 1 + workers || on.length !== vms.length) {
    const seen = vms.map(({ name, power }) => `${name} ${power}`).join(', ');
    throw new Error(`RUNNING with ${ready} nodes ready of 1+${workers}, and the VMs ${seen}`);
  }
}

/** What is left of a cluster that is gone. */
export async function leftOf({ lane, name }: Pick<Subject, 'lane' | 'name'>, id: number) {
  const [vms, folders, secrets, records] = await Promise.all([
    lane.vms(id),
    lane.newFolders(),
    lane.api.secretsOf(id),
    lane.api.recordsOf(id, name),
  ]);
  return { orphans: [...vms.map((vm) => vm.name), ...folders.map((each) => `folder ${each}`)], secrets, records };
}

async function expectNothing(subject: Subject, id: number): Promise<void> {
  const left = await leftOf(subject, id);
  if (Object.values(left).some((each) => each.length > 0)) {
    throw new Error(`the deletion in between left ${JSON.stringify(left)}`);
  }
}
