import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../lib/cluster/cluster.ts';
import type { Node } from '../../lib/cluster/node.ts';
import { asFunction, clusterRecord } from './as-function.ts';
import {
  api,
  aws,
  control,
  gone,
  pool,
  registerConnection,
  remove,
  scaleCheck,
  settled,
  until,
  vms,
} from './harness.ts';

const load = async () => ({
  ...(await import('../../lib/store/addresses.ts')),
  ...(await import('../../lib/store/clusters.ts')),
  ...(await import('../../lib/store/counters.ts')),
  ...(await import('../../lib/store/nodes.ts')),
  ...(await import('../../lib/steps/forget-cluster.ts')),
  ...(await import('../../lib/steps/prepare-wave.ts')),
});
let store: Awaited<ReturnType<typeof load>>;

const RACERS = 40;
const ORGANIZATION = 99;
const OWNER = 'arn:aws:states:eu-central-1:000000000000:execution:slipway-local-converge-cluster:addresses';

/** Addresses that are given, of all organizations of the tests, as they lie in the table. */
async function given(): Promise<string[]> {
  type Scan = { Items: { pk: { S: string }; sk: { S: string } }[] };
  const { Items } = await aws<Scan>('dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'slipway-local' });
  return Items.filter(({ pk }) => pk.S.startsWith('ADDRESSES#'))
    .map(({ sk }) => sk.S)
    .sort();
}

beforeAll(async () => {
  asFunction();
  store = await load();
  await registerConnection();
});

describe('addresses are given', () => {
  /** A cluster that wants nodes with addresses of a range. */
  async function wanting(range: string, size: number): Promise<Cluster> {
    const id = await store.nextClusterId();
    const nodepools = [{ ...pool('workers', 'worker', size), addresses: { range, prefix: 24 } }];
    await store.createCluster(
      clusterRecord(id, { organization: ORGANIZATION, spec: { nodepools }, lock: { execution: OWNER, since: '' } }),
    );
    return await store.getCluster(id);
  }
  const prepare = ({ id }: Cluster) => store.prepareWave({ clusterId: id, owner: OWNER, wave: `wave-${id}` });
  const addressesIn = async ({ id }: Cluster) =>
    (await store.listNodes(id)).map(({ reservedAddress }) => reservedAddress).sort();
  const forget = ({ id }: Cluster) => store.forgetCluster({ clusterId: id, owner: OWNER });

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

describe('a pool with a range', () => {
  const RANGE = { range: '127.9.0.20-127.9.0.22', prefix: 24, gateway: '127.9.0.1', nameservers: ['127.9.0.2'] };
  const workers = (more: object = {}) =>
    pool('workers', 'worker', 2, { network: 'VM Network', addresses: RANGE, ...more });
  const nodesOf = async (id: number) =>
    (await api('GET', `/clusters/${id}/nodes`)).body as { name: string; ip: string }[];
  const ips = async (id: number) =>
    (await nodesOf(id))
      .filter(({ name }) => name.includes('-workers-'))
      .map(({ ip }) => ip)
      .sort();

  test('its nodes have addresses of it, also when they are replaced, and give them back', async () => {
    const nodepools = [pool('masters', 'master', 1), workers()];
    const { body } = await api('POST', '/clusters', { name: 'static', secretName: 'vcenter', nodepools });
    expect((await settled(body.id)).status).toBe('RUNNING');
    expect(await ips(body.id)).toEqual(['127.9.0.20', '127.9.0.21']);
    expect(await given()).toEqual(['127.9.0.20', '127.9.0.21']);

    await api('PUT', `/clusters/${body.id}/nodepools/workers`, { size: 3 });
    expect((await settled(body.id)).status).toBe('RUNNING');
    expect(await ips(body.id)).toEqual(['127.9.0.20', '127.9.0.21', '127.9.0.22']);

    await control('POST', '/vms/static-workers-02/kill');
    await until(scaleCheck, ({ started }) => started.length > 0);
    expect((await settled(body.id)).status).toBe('RUNNING');
    expect(await ips(body.id)).toEqual(['127.9.0.20', '127.9.0.21', '127.9.0.22']);

    const { status, body: refused } = await api('PUT', `/clusters/${body.id}/nodepools/workers`, { size: 4 });
    expect([status, refused.message]).toEqual([
      400,
      expect.stringMatching(/addresses\.range: 3 addresses for 4 nodes/),
    ]);

    await api('PUT', `/clusters/${body.id}/nodepools/workers`, { size: 1 });
    expect((await settled(body.id)).status).toBe('RUNNING');
    expect(await given()).toEqual(['127.9.0.20']);
    const larger = workers({ size: 4, addresses: { ...RANGE, range: '127.9.0.20-127.9.0.30' } });
    await api('PUT', `/clusters/${body.id}`, { nodepools: [nodepools[0], larger] });
    expect((await settled(body.id)).status).toBe('RUNNING');
    expect(new Set(await ips(body.id)).size).toBe(4);

    await remove(body.id);
    expect(await given()).toEqual([]);
  });

  test('another cluster of the organization gets none of them, and says so; nothing is made for it', async () => {
    const nodepools = [pool('masters', 'master', 1), workers()];
    const { body: first } = await api('POST', '/clusters', { name: 'static-a', secretName: 'vcenter', nodepools });
    expect((await settled(first.id)).status).toBe('RUNNING');
    const { body: second } = await api('POST', '/clusters', { name: 'static-b', secretName: 'vcenter', nodepools });
    const cluster = await settled(second.id);
    expect(cluster.status).toBe('ERROR');
    expect(cluster.statusMessage).toMatch(
      /OutOfResources: .*no address is left for static-b-workers-0\d.*pool workers/,
    );
    expect((await vms()).filter(({ name }) => name.startsWith('static-b'))).toEqual([]);
    await remove(second.id);
    expect(await given()).toEqual(['127.9.0.20', '127.9.0.21']);
    await api('DELETE', `/clusters/${first.id}`);
    await gone(first.id);
    expect(await given()).toEqual([]);
  });

  test('without a network is refused before anything is made', async () => {
    const nodepools = [pool('masters', 'master', 1), workers({ network: undefined })];
    const { status, body } = await api('POST', '/clusters', { name: 'static-c', secretName: 'vcenter', nodepools });
    expect([status, body.message]).toEqual([
      400,
      expect.stringMatching(/nodepools\[1\]\.network: name the network that its addresses are in/),
    ]);
  });
});
