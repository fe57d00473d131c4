import { beforeEach, expect, test, vi } from 'vitest';
import { findEtcd } from '../../../lib/steps/reserve-etcd.ts';

const { clusters } = vi.hoisted(() => ({ clusters: new Map<number, object>() }));
vi.mock('../../../lib/store/clusters.ts', () => ({
  findCluster: async (id: number) => clusters.get(id),
  findName: async (_: number, name: string) => (name === 'store' ? { clusterId: 1 } : undefined),
}));
vi.mock('../../../lib/store/secrets.ts', () => ({ resolveSecret: async () => ({ id: 's1' }) }));
vi.mock('../../../lib/store/etcd-prefixes.ts', () => ({}));

const store = {
  id: 1,
  organization: 1,
  name: 'store',
  status: 'RUNNING',
  leader: { ready: true },
  spec: { nodepools: [{ roles: ['etcd'] }] },
};

beforeEach(() => {
  clusters.set(1, store);
});

test('an etcd cluster is found by name and by id', async () => {
  expect(await findEtcd(1, { clusterName: 'store' })).toEqual({ clusterId: 1 });
  expect(await findEtcd(1, { clusterId: 1 })).toEqual({ clusterId: 1 });
});

test('an etcd of one’s own is known by its endpoints, with their port, and its secret', async () => {
  const found = await findEtcd(1, { endpoints: ['https://A.lab'], secretName: 'own' });
  expect(found).toEqual({ endpoints: ['https://a.lab:2379'], secretId: 's1' });
});

test.each([
  ['another organization’s', { organization: 2 }, 'NotFound', /no cluster 1/],
  ['one that is not up', { leader: { ready: false }, status: 'CREATING' }, 'Conflict', /not up yet \(it is CREATING\)/],
  ['one that is being deleted', { status: 'DELETING' }, 'Conflict', /is being deleted/],
  ['a Kubernetes cluster', { spec: { nodepools: [{ roles: ['master'] }] } }, 'InvalidSpec', /store is no etcd cluster/],
])('%s is refused', async (_, differs, name, message) => {
  clusters.set(1, { ...store, ...differs });
  await expect(findEtcd(1, { clusterId: 1 })).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
});
