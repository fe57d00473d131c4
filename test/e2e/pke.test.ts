import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  api,
  control,
  description,
  events,
  pool,
  registerConnection,
  remove,
  scaleCheck,
  settled,
  until,
} from './harness.ts';

const VIRTUAL_IP = '127.254.7.31';
const pke = { distribution: 'pke', kubernetes: { version: '1.23.17' } };

beforeAll(async () => {
  await registerConnection();
});

const phasesOf = async (id: number, node: string) => [
  ...new Set((await events(id)).filter((each) => each.node === node && each.phase).map(({ phase }) => phase)),
];

/** Replaces a node whose VM is gone. */
async function heal(id: number, vm: string): Promise<string> {
  await control('POST', `/vms/${vm}/kill`);
  await until(scaleCheck, ({ started }) => started.length > 0, 20);
  const cluster = await settled(id);
  return `${cluster.status}: ${cluster.statusMessage}`;
}

describe('a cluster whose nodes pke makes, with one master', () => {
  let id: number;
  afterAll(() => remove(id));

  test('is created', async () => {
    id = (await api('POST', '/clusters', { ...description('pke', 1, 1), ...pke })).body.id;
    const cluster = await settled(id);
    expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '2 nodes are ready']);
    expect(cluster.leader).toBe('pke-masters-01');
    // pke's own phases, between the program's.
    expect(await phasesOf(id, 'pke-workers-01')).toEqual([
      'prepare',
      'pke',
      'worker',
      'kubernetes-version',
      'container-runtime',
      'kubernetes-runtime',
      'kubernetes-node',
      'pipeline-ready',
    ]);
  });

  test('gets more workers, and a new one for one that is gone', async () => {
    await api('PUT', `/clusters/${id}/nodepools/workers`, { size: 2 });
    const cluster = await settled(id);
    expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '3 nodes are ready']);
    expect(await heal(id, 'pke-workers-01')).toBe('RUNNING: 3 nodes are ready');
  });

  test('does not get more masters, which have no address to join at', async () => {
    const { status, body } = await api('PUT', `/clusters/${id}/nodepools/masters`, { size: 3 });
    expect([status, body.message]).toEqual([400, expect.stringMatching(/^endpoint: pke joins/)]);
  });
});

describe('a cluster whose nodes pke makes, with three masters and a virtual IP', () => {
  let id: number;
  afterAll(() => remove(id));

  test('is created, and all have joined at the virtual IP', async () => {
    const endpoint = { address: VIRTUAL_IP };
    const nodepools = [pool('masters', 'master', 3), pool('workers', 'worker', 1)];
    id = (await api('POST', '/clusters', { ...description('three', 3, 1), ...pke, endpoint, nodepools })).body.id;
    const cluster = await settled(id);
    expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '4 nodes are ready']);
    const all = await events(id);
    expect(all.filter(({ type }) => type === 'LeaderElected')).toHaveLength(1);
    const joins = all.filter(({ type }) => type === 'NodeJoining').map(({ message }) => message.split(' at ')[1]);
    expect(joins).toEqual(Array(3).fill(`${VIRTUAL_IP}:6443`));
  });

  test('has its leader replaced', async () => {
    const { leader } = (await api('GET', `/clusters/${id}`)).body;
    expect(await heal(id, leader)).toBe('RUNNING: 4 nodes are ready');
    expect((await api('GET', `/clusters/${id}`)).body.leader).not.toBe(leader);
  });
});
