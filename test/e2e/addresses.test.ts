import { beforeAll, describe, expect, test } from 'vitest';
import {
  api,
  aws,
  control,
  description,
  gone,
  pool,
  registerConnection,
  remove,
  scaleCheck,
  settled,
  until,
  vms,
} from './harness.ts';

/** Addresses that are given, of all organizations of the tests, as they lie in the table. */
async function given(): Promise<string[]> {
  type Scan = { Items: { pk: { S: string }; sk: { S: string } }[] };
  const { Items } = await aws<Scan>('dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'slipway-local' });
  return Items.filter(({ pk }) => pk.S.startsWith('ADDRESSES#'))
    .map(({ sk }) => sk.S)
    .sort();
}

beforeAll(() => registerConnection());

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
    const { body } = await api('POST', '/clusters', description('static', 1, 0, { nodepools }));
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
    const { body: first } = await api('POST', '/clusters', description('static-a', 1, 0, { nodepools }));
    expect((await settled(first.id)).status).toBe('RUNNING');
    const { body: second } = await api('POST', '/clusters', description('static-b', 1, 0, { nodepools }));
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
    const { status, body } = await api('POST', '/clusters', description('static-c', 1, 0, { nodepools }));
    expect([status, body.message]).toEqual([
      400,
      expect.stringMatching(/nodepools\[1\]\.network: name the network that its addresses are in/),
    ]);
  });
});
