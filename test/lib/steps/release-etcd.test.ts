import { beforeEach, expect, test, vi } from 'vitest';
import { leaveEtcd, releaseEtcd } from '../../../lib/steps/release-etcd.ts';

const { clusters, nodes, events, asked } = vi.hoisted(() => ({
  clusters: new Map<number, object>(),
  nodes: [] as object[],
  events: [] as [number, { type: string; message: string }][],
  asked: [] as object[],
}));
vi.mock('../../../lib/store/clusters.ts', () => ({ getCluster: async (id: number) => clusters.get(id) }));
vi.mock('../../../lib/store/nodes.ts', () => ({ listNodes: async () => nodes }));
vi.mock('../../../lib/store/events.ts', () => ({
  recordEvent: async (id: number, event: { type: string; message: string }) => void events.push([id, event]),
}));
vi.mock('../../../lib/connector/etcd.ts', () => ({
  onExternalEtcd: async (_: object, __: object, input: object) => {
    asked.push(input);
    return { deleted: 7 };
  },
}));
vi.mock('../../../lib/log.ts', () => ({ log: { error: () => undefined } }));

const input = { clusterId: 2, owner: 'run' };
const shop = (etcd: object) => ({
  id: 2,
  name: 'shop',
  lock: { execution: 'run' },
  etcd: { prefix: '/shop', ...etcd },
});
const own = { endpoints: ['https://a:2379'], secretId: 's' };
const member = (ordinal: number, status: string) => ({
  name: `store-etcd-0${ordinal}`,
  role: 'etcd',
  address: `10.0.0.${ordinal}`,
  status,
  readyAt: '2026',
});

beforeEach(() => {
  for (const list of [events, asked, nodes]) list.length = 0;
  clusters.set(1, { id: 1, name: 'store' });
});

test('user, role and keys are taken where the prefix was opened to the cluster', async () => {
  clusters.set(2, shop({ clusterId: 1, preparedAt: '2026' }));
  expect(await releaseEtcd(input)).toEqual({ left: '' });
  expect(asked).toEqual([{ key: '/shop/', end: '/shop0', keys: true, user: 'slipway-2' }]);
});

test('keys that were there before the cluster are never touched', async () => {
  clusters.set(2, shop({ clusterId: 1 }));
  await releaseEtcd(input);
  expect(asked).toEqual([{ key: '/shop/', end: '/shop0', keys: false, user: 'slipway-2' }]);
  clusters.set(2, shop(own));
  expect(await releaseEtcd(input)).toEqual({ left: '' });
  expect(await leaveEtcd(input)).toEqual({ left: '' });
  expect(asked).toHaveLength(1);
  expect(events).toEqual([[2, expect.objectContaining({ type: 'EtcdReleased' })]]);
});

test('what remains in somebody’s own etcd is told to the key', async () => {
  clusters.set(2, shop({ ...own, preparedAt: '2026' }));
  const { left } = await leaveEtcd(input);
  expect(left).toMatch(/shop \(id 2\).*https:\/\/a:2379 did not answer.*keys from \/shop\/ to \/shop0/);
  expect(events).toEqual([[2, { type: 'EtcdKeysRemain', message: left }]]);
});

test('an etcd cluster of ours that should answer is waited for; one without its quorum is told in its own timeline', async () => {
  clusters.set(2, shop({ clusterId: 1, preparedAt: '2026' }));
  nodes.push(member(1, 'ready'), member(2, 'ready'), member(3, 'lost'));
  await expect(leaveEtcd(input)).rejects.toMatchObject({
    name: 'EtcdUnreachable',
    message: expect.stringMatching(/etcd cluster store/),
  });
  expect(events).toEqual([]);
  nodes.splice(0, 3, member(1, 'ready'), member(2, 'lost'), member(3, 'lost'));
  const { left } = await leaveEtcd(input);
  expect(left).toContain('user and role slipway-2');
  expect(events.map(([id, { type }]) => [id, type])).toEqual([
    [2, 'EtcdKeysRemain'],
    [1, 'EtcdKeysRemain'],
  ]);
});

test('a run that lost the cluster changes nothing', async () => {
  clusters.set(2, { ...shop({ clusterId: 1, preparedAt: '2026' }), lock: { execution: 'other' } });
  await expect(releaseEtcd(input)).rejects.toMatchObject({ name: 'LockLost' });
  expect(asked).toEqual([]);
});
