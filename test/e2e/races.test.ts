import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../lib/cluster/cluster.ts';
import type { Node } from '../../lib/cluster/node.ts';
import { asFunction, clusterRecord } from '../fixtures/as-function.ts';
import { cloud } from './harness.ts';

/** The store's functions, against the embedded DynamoDB: the environment is set before they read it. */
const load = async () => ({
  ...(await import('../../lib/store/clusters.ts')),
  ...(await import('../../lib/store/counters.ts')),
  ...(await import('../../lib/store/leader.ts')),
  ...(await import('../../lib/store/lock.ts')),
  ...(await import('../../lib/store/nodes.ts')),
  ...(await import('../../lib/store/waves.ts')),
});
let store: Awaited<ReturnType<typeof load>>;

const RACERS = 40;
const racers = <T>(run: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: RACERS }, (_, index) => run(index)));
const execution = (name: string) =>
  `arn:aws:states:eu-central-1:000000000000:execution:slipway-local-create-cluster:${name}`;
const at = '2026-01-01T00:00:00.000Z';

async function makeCluster(): Promise<Cluster> {
  const id = await store.nextClusterId();
  await store.createCluster(clusterRecord(id));
  return await store.getCluster(id);
}

beforeAll(async () => {
  asFunction({ endpoint: cloud.awsEndpoint, region: cloud.region, api: cloud.api });
  store = await load();
});

describe(`of ${RACERS} at once`, () => {
  test('each gets a cluster id of its own', async () => {
    expect(new Set(await racers(() => store.nextClusterId())).size).toBe(RACERS);
  });

  test('each gets node serials of its own', async () => {
    const cluster = await makeCluster();
    const firsts = await racers(() => store.takeNodeSerials(cluster.id, 3));
    expect(firsts.sort((a, b) => a - b)).toEqual(Array.from({ length: RACERS }, (_, index) => index * 3 + 1));
    await store.forgetCluster(cluster);
  });

  test('one becomes leader, again after it was deposed, and everybody is told the same', async () => {
    const cluster = await makeCluster();
    for (const epoch of [1, 2]) {
      const answers = await racers((index) => store.electLeader(cluster, `node-${index}`, `10.0.0.${index}`));
      expect(answers.filter(({ elected }) => elected)).toHaveLength(1);
      expect(new Set(answers.map(({ leader }) => leader.hostname)).size).toBe(1);
      expect(answers[0]?.leader.epoch).toBe(epoch);
      const deposed = await racers(() =>
        store.deposeLeader(cluster.id, { hostname: String(answers[0]?.leader.hostname), epoch }),
      );
      expect(deposed.filter(Boolean)).toHaveLength(1);
    }
    await store.forgetCluster(cluster);
  });

  test('one takes the lock, and the others are told who', async () => {
    const cluster = await makeCluster();
    const answers = await racers((index) =>
      store.takeLock(cluster.id, execution(`run-${index}`)).catch((error) => error),
    );
    const holders = answers.filter((answer) => !(answer instanceof Error));
    expect(holders).toHaveLength(1);
    for (const refused of answers.filter((answer) => answer instanceof Error)) {
      expect(refused).toMatchObject({
        name: 'ClusterBusy',
        status: 409,
        details: { execution: holders[0].lock.execution },
      });
    }
    await store.forgetCluster(cluster);
  });

  test('one takes a dead run’s lock over', async () => {
    const cluster = await makeCluster();
    await store.takeLock(cluster.id, execution('dead'));
    const answers = await racers((index) =>
      store.takeLock(cluster.id, execution(`heir-${index}`), execution('dead')).catch(() => undefined),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    await store.forgetCluster(cluster);
  });

  test('a node that settles many times counts once in its wave', async () => {
    const cluster = await makeCluster();
    const node = {
      clusterId: cluster.id,
      name: 'n',
      pool: 'p',
      role: 'worker',
      ordinal: 1,
      serial: 1,
      instanceUuid: 'u',
      connectionId: 'c',
      status: 'planned',
      wave: 'w',
      createdAt: at,
    } as Node;
    await store.enrolNode(node);
    await store.createWave({
      id: 'w',
      clusterId: cluster.id,
      size: 1,
      settled: 0,
      failed: 0,
      tokensIssued: false,
    });
    const counted = await racers((index) =>
      store.settleNode(node, { status: index % 2 ? 'ready' : 'failed', message: 'm' }),
    );
    expect(counted.filter(Boolean)).toHaveLength(1);
    expect((await store.findWave(cluster.id, 'w'))?.settled).toBe(1);
    await store.forgetCluster(cluster);
  });

  test('all that ask within a minute are handed a node’s bootstrap token, and nobody later', async () => {
    const cluster = await makeCluster();
    await store.enrolNode({
      clusterId: cluster.id,
      name: 'n',
      pool: 'p',
      role: 'worker',
      ordinal: 1,
      serial: 1,
      instanceUuid: 'u',
      connectionId: 'c',
      status: 'booting',
      wave: 'w',
      createdAt: at,
    });
    const now = Date.now();
    expect((await racers((index) => store.handOut(cluster.id, 'n', now + index))).every(Boolean)).toBe(true);
    expect(await store.handOut(cluster.id, 'n', now + 61_000)).toBe(false);
    await store.forgetCluster(cluster);
  });
});
