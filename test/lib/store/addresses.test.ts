import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamodb } from '../../../lib/aws/clients.ts';
import type { Cluster } from '../../../lib/cluster/cluster.ts';
import type { Node } from '../../../lib/cluster/node.ts';
import { startAws } from '../../../local/cloud/aws.ts';
import { freePort } from '../../../local/cloud/ports.ts';
import { asFunction, clusterRecord } from '../../fixtures/as-function.ts';

const load = async () => ({
  ...(await import('../../../lib/store/addresses.ts')),
  ...(await import('../../../lib/store/clusters.ts')),
  ...(await import('../../../lib/store/counters.ts')),
  ...(await import('../../../lib/store/nodes.ts')),
  ...(await import('../../../lib/steps/prepare-wave.ts')),
});
let store: Awaited<ReturnType<typeof load>>;
let stop: () => Promise<void>;

const RACERS = 40;
const ORGANIZATION = 99;
const OWNER = 'arn:aws:states:eu-central-1:000000000000:execution:slipway-local-converge-cluster:addresses';

async function makeTable(): Promise<void> {
  const attributes = { pk: 'HASH', sk: 'RANGE' } as const;
  await dynamodb().send(
    new CreateTableCommand({
      TableName: 'slipway-local',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: Object.keys(attributes).map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      KeySchema: Object.entries(attributes).map(([name, type]) => ({ AttributeName: name, KeyType: type })),
    }),
  );
}

const given = async () => (await store.listReservations(ORGANIZATION)).map(({ address }) => address).sort();

/** A DynamoDB of its own. */
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-dynamodb-'));
  const port = await freePort();
  const aws = await startAws(port, directory, '1');
  stop = async () => {
    await aws.stop();
    rmSync(directory, { recursive: true });
  };
  asFunction({ endpoint: `http://127.0.0.1:${port}`, region: 'eu-central-1', api: 'http://api.test' });
  await makeTable();
  store = await load();
}, 60_000);
afterAll(() => stop?.());

describe('addresses are given', () => {
  /** A cluster that wants nodes with addresses of a range. */
  async function wanting(range: string, size: number): Promise<Cluster> {
    const id = await store.nextClusterId();
    const nodepools = [{ name: 'workers', roles: ['worker'], size, addresses: { range, prefix: 24 } }];
    await store.createCluster(
      clusterRecord(id, { organization: ORGANIZATION, spec: { nodepools }, lock: { execution: OWNER, since: '' } }),
    );
    return await store.getCluster(id);
  }
  const prepare = ({ id }: Cluster) => store.prepareWave({ clusterId: id, owner: OWNER, wave: `wave-${id}` });
  const addressesIn = async ({ id }: Cluster) =>
    (await store.listNodes(id)).map(({ reservedAddress }) => reservedAddress).sort();
  const forget = async (cluster: Cluster) => {
    await store.releaseAddresses(ORGANIZATION, cluster.id);
    await store.forgetCluster(cluster);
  };

  test(`once each, to ${RACERS} nodes of as many clusters at once, until none is left`, async () => {
    const clusters = await Promise.all(Array.from({ length: RACERS }, () => wanting('127.8.0.1-127.8.0.30', 1)));
    const answers = await Promise.allSettled(clusters.map(prepare));
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
    expect(reasons).toHaveLength(RACERS - 30);
    expect(reasons[0]).toMatch(
      /OutOfResources: .*no address is left for race-\d+-workers-01: all of 127\.8\.0\.1-127\.8\.0\.30, the range of pool workers/,
    );
    const all = (await Promise.all(clusters.map(addressesIn))).flat().filter((each) => each !== undefined);
    expect(new Set(all).size).toBe(30);
    expect(await given()).toEqual(all.sort());
    await Promise.all(clusters.map(forget));
    expect(await given()).toEqual([]);
  });

  test('once to a node, though the step runs several times at once', async () => {
    const cluster = await wanting('127.8.1.1-127.8.1.60', 20);
    await Promise.all(Array.from({ length: 4 }, () => prepare(cluster)));
    await prepare(cluster);
    const addresses = await addressesIn(cluster);
    expect(new Set(addresses).size).toBe(20);
    expect(await given()).toEqual(expect.arrayContaining(addresses));
    await forget(cluster);
    expect(await given()).toEqual([]);
  });

  test('again to the same node where the step died before it was recorded, and are free where that node is gone', async () => {
    const cluster = await wanting('127.8.2.1-127.8.2.2', 2);
    await prepare(cluster);
    const nodes = await store.listNodes(cluster.id);
    // As if the step had died between the two writes.
    const [first, second] = nodes.map(({ reservedAddress: _, ...node }) => node) as [Node, Node];
    const before = nodes[0]?.reservedAddress;
    await store.forgetNode(first);
    await store.enrolNode(first);
    await prepare(cluster);
    expect((await store.findNode(cluster.id, first.name))?.reservedAddress).toBe(before);

    // Or a removal, between the record and the address.
    await store.forgetNode(second);
    expect(await given()).toHaveLength(2);
    await prepare(cluster);
    const [, replaced] = await store.listNodes(cluster.id);
    expect(replaced?.serial).not.toBe(second.serial);
    expect(replaced?.reservedAddress).toBe(nodes[1]?.reservedAddress);
    expect(await given()).toHaveLength(2);
    await forget(cluster);
    expect(await given()).toEqual([]);
  });

  test('back for the nodes that are named alone, and not what another has by then', async () => {
    const cluster = await wanting('127.8.3.1-127.8.3.3', 3);
    await prepare(cluster);
    const [one] = await store.listNodes(cluster.id);
    const release = () => store.releaseAddresses(ORGANIZATION, cluster.id, new Set([one?.serial as number]));
    await release();
    expect(await given()).toHaveLength(2);
    const other = await wanting('127.8.3.1-127.8.3.3', 1);
    await prepare(other);
    expect(await addressesIn(other)).toEqual([one?.reservedAddress]);
    await release();
    expect(await given()).toHaveLength(3);
    await Promise.all([cluster, other].map(forget));
    expect(await given()).toEqual([]);
  });
});
