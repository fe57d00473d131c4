import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Caller } from '../../../lib/auth/authenticate.ts';
import { clusterCertificates } from '../../../lib/callbacks/certificates.ts';
import { createClusterCertificates } from '../../../lib/pki/index.ts';

const { state } = vi.hoisted(() => ({ state: { cluster: {}, node: {}, keys: {} } }));
vi.mock('../../../lib/callbacks/node-of.ts', () => ({ nodeOf: async () => state }));
vi.mock('../../../lib/store/cluster-keys.ts', () => ({ readClusterKeys: async () => state.keys }));
vi.mock('../../../lib/store/secrets.ts', () => ({
  readSecretValues: async (organization: number, id: string) =>
    organization === 1 && id === 'own' ? { ca: 'own ca', certificate: 'own certificate', key: 'own key' } : undefined,
}));

let certificates: Awaited<ReturnType<typeof createClusterCertificates>>;
const fetchThem = async () => {
  const [secret] = await clusterCertificates({} as Caller, 1, 'clusterID:7');
  return secret?.values as Record<string, string>;
};

beforeAll(async () => {
  certificates = await createClusterCertificates({ name: 'shop' });
});
beforeEach(() => {
  state.cluster = { id: 7, organization: 1, name: 'shop' };
  state.node = { name: 'shop-01', role: 'master', status: 'booting' };
  state.keys = { certificates };
});

test('a master with etcd on it gets the authorities as they are', async () => {
  expect(await fetchThem()).toEqual(certificates);
});

test('a master on an etcd of one’s own gets what opens it from the secret, and no key of an etcd authority', async () => {
  state.cluster = { ...state.cluster, etcd: { prefix: '/shop', endpoints: ['https://a:2379'], secretId: 'own' } };
  const values = await fetchThem();
  expect(values).toMatchObject({ etcdCaCert: 'own ca', etcdClientCert: 'own certificate', etcdClientKey: 'own key' });
  expect(values.kubernetesCaKey).toBe(certificates.kubernetesCaKey);
  expect(Object.keys(values)).not.toContain('etcdCaKey');
});

test('a master on an etcd cluster of ours gets the certificate that was issued to its cluster', async () => {
  state.cluster = { ...state.cluster, etcd: { prefix: '/shop', clusterId: 1 } };
  state.keys = { certificates, etcdClient: { ca: 'ca', certificate: 'certificate', key: 'key' } };
  const values = await fetchThem();
  expect(values).toMatchObject({ etcdCaCert: 'ca', etcdClientCert: 'certificate', etcdClientKey: 'key' });
  expect(Object.keys(values)).not.toContain('etcdCaKey');
});

test('a member of an etcd cluster gets its authority, root’s password and a certificate without a name, nothing of Kubernetes', async () => {
  state.node = { name: 'store-01', role: 'etcd', status: 'booting' };
  state.keys = { certificates, etcdRootPassword: 'open sesame' };
  const values = await fetchThem();
  expect(Object.keys(values).sort()).toEqual([
    'etcdCaCert',
    'etcdCaKey',
    'etcdClientCert',
    'etcdClientKey',
    'etcdRootPassword',
  ]);
  const client = new X509Certificate(String(values.etcdClientCert));
  expect(client.subject).toBe('O=slipway:etcd');
  expect(client.verify(new X509Certificate(certificates.etcdCaCert).publicKey)).toBe(true);
});

test.each([
  ['a worker', { role: 'worker', status: 'booting' }, /is a worker/],
  ['a master that is ready', { role: 'master', status: 'ready' }, /is ready/],
  ['a member of etcd that is ready', { role: 'etcd', status: 'ready' }, /is ready/],
])('%s gets none', async (_, node, message) => {
  state.node = { name: 'shop-01', ...node };
  await expect(fetchThem()).rejects.toMatchObject({ status: 403, message: expect.stringMatching(message) });
});
