import { beforeEach, expect, test, vi } from 'vitest';
import { prefixesIn, reservePrefix, returnPrefix } from '../../../lib/store/etcd-prefixes.ts';

const { items, living } = vi.hoisted(() => ({
  items: new Map<string, Record<string, unknown>>(),
  living: new Set<number>(),
}));
vi.mock('../../../lib/store/clusters.ts', () => ({
  findCluster: async (id: number) => (living.has(id) ? { id } : undefined),
}));
/** A table that knows the conditions that are asked for here. */
vi.mock('../../../lib/store/table.ts', () => {
  class ConditionFailed extends Error {
    readonly item: unknown;
    constructor(item: unknown) {
      super('condition');
      this.item = item;
    }
  }
  type Key = { pk: string; sk: string };
  const check = ({ pk, sk }: Key, { condition = '', values = {} }: { condition?: string; values?: object }) => {
    const found = items.get(pk + sk);
    const allowed = Object.values(values).includes(found?.clusterId);
    if (found ? condition !== '' && !allowed : !condition.includes('attribute_not_exists'))
      throw new ConditionFailed(found);
    return pk + sk;
  };
  return {
    ConditionFailed,
    putItem: async (item: Key, expression: object) => void items.set(check(item, expression), { ...item }),
    deleteItem: async (key: Key, expression: object) => void items.delete(check(key, expression)),
    queryItems: async (pk: string, prefix: string) =>
      [...items].filter(([key]) => key.startsWith(pk + prefix)).map(([, item]) => item),
  };
});

const shop = { prefix: '/shop', clusterId: 1, name: 'shop' };
const blog = { prefix: '/shop', clusterId: 2, name: 'blog' };
const places = ['https://b:2379', 'https://a:2379'];

beforeEach(() => {
  items.clear();
  living.clear();
});

test('a prefix is one cluster’s in every place; it may take it again, and gives it back', async () => {
  await reservePrefix(1, places, shop);
  await reservePrefix(1, places, shop);
  expect(items.size).toBe(2);
  await returnPrefix(1, places, shop);
  await returnPrefix(1, places, shop);
  expect(items.size).toBe(0);
});

test('where one place is taken, none is kept, and nothing of the holder’s is touched', async () => {
  await reservePrefix(1, ['https://b:2379'], shop);
  await expect(reservePrefix(1, places, blog)).rejects.toMatchObject({
    name: 'Conflict',
    status: 409,
    message: expect.stringMatching(/^etcd\.prefix: cluster shop \(id 1\) keeps its state below \/shop/),
  });
  expect([...items.values()].map(({ place, clusterId }) => [place, clusterId])).toEqual([['https://b:2379', 1]]);
  await returnPrefix(1, places, blog);
  expect(items.size).toBe(1);
});

test('another prefix, another place and another organization are free', async () => {
  await reservePrefix(1, places, shop);
  await reservePrefix(1, places, { ...blog, prefix: '/blog' });
  await reservePrefix(1, ['https://c:2379'], blog);
  await reservePrefix(2, places, blog);
  expect(items.size).toBe(7);
});

test('a reservation for a cluster that never came is taken over, after a minute', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await reservePrefix(1, places, shop);
  await expect(reservePrefix(1, places, blog)).rejects.toMatchObject({ name: 'Conflict' });
  vi.setSystemTime(Date.now() + 61_000);
  living.add(1);
  await expect(reservePrefix(1, places, blog)).rejects.toMatchObject({ name: 'Conflict' });
  living.clear();
  await reservePrefix(1, places, blog);
  expect([...items.values()].map(({ clusterId }) => clusterId)).toEqual([2, 2]);
  vi.useRealTimers();
});

test('the users of an etcd cluster are known, and those of another are not among them', async () => {
  await reservePrefix(1, ['cluster-1'], shop);
  await reservePrefix(1, ['cluster-11'], { ...blog, prefix: '/blog' });
  expect((await prefixesIn(1, 1)).map(({ name }) => name)).toEqual(['shop']);
});
