import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test, vi } from 'vitest';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { issueClientCertificate } from '../../lib/pki/index.ts';
import { clientOf } from './cluster.ts';
import { read, succeed } from './machine.ts';

const real = inject('real');
const { leader, certificates } = real;
const PKI = '/etc/kubernetes/pki';
const base64 = (text: string) => Buffer.from(text).toString('base64');

test('kubeadm finds the configuration of the leader valid', async () => {
  expect(await succeed(leader, 'kubeadm', 'config', 'validate', '--config', '/var/log/kubeadm-init.yaml')).toMatch(
    /ok/,
  );
});

test('kubeadm makes all certificates on our authorities, and replaces none of these', async () => {
  const leaves = [
    'apiserver.crt',
    'apiserver-etcd-client.crt',
    'apiserver-kubelet-client.crt',
    'front-proxy-client.crt',
    'etcd/healthcheck-client.crt',
    'etcd/peer.crt',
    'etcd/server.crt',
  ];
  const found = readdirSync(join(leader.root, PKI), { recursive: true }).map(String);
  expect(found).toEqual(expect.arrayContaining(leaves));
  expect(read(leader, `${PKI}/ca.key`)).toBe(certificates.kubernetesCaKey);
  expect(read(leader, `${PKI}/etcd/ca.key`)).toBe(certificates.etcdCaKey);
  expect(read(leader, `${PKI}/front-proxy-ca.key`)).toBe(certificates.frontProxyCaKey);
  expect(read(leader, `${PKI}/sa.key`)).toBe(certificates.saKey);
});

test.each([
  ['apiserver.crt', 'ca.crt', 'sslserver'],
  ['apiserver-kubelet-client.crt', 'ca.crt', 'sslclient'],
  ['apiserver-etcd-client.crt', 'etcd/ca.crt', 'sslclient'],
  ['front-proxy-client.crt', 'front-proxy-ca.crt', 'sslclient'],
  ['etcd/server.crt', 'etcd/ca.crt', 'sslserver'],
  ['etcd/peer.crt', 'etcd/ca.crt', 'sslserver'],
])('openssl verifies %s against %s', async (leaf, authority, purpose) => {
  // The files of etcd's and the front proxy's hold them without the root.
  const trust = ['-partial_chain', '-CAfile', `${PKI}/${authority}`];
  const chain = ['-purpose', purpose, '-x509_strict', ...trust, `${PKI}/${leaf}`];
  expect(await succeed(leader, 'openssl', 'verify', ...chain)).toContain('OK');
});

test("kubeadm reads our chains with Go's x509, and finds none that is over", async () => {
  const table = await succeed(leader, 'kubeadm', 'certs', 'check-expiration');
  expect(table).not.toMatch(/invalid|MISSING/i);
  expect(table).toMatch(/^ca .*no\s*$/m);
  expect(table).toMatch(/^etcd-ca /m);
});

test('the keys of a leader are read by root alone', () => {
  const keys = readdirSync(join(leader.root, PKI), { recursive: true }).map(String);
  for (const key of keys.filter((file) => file.endsWith('.key')))
    expect(statSync(join(leader.root, PKI, key)).mode & 0o077, key).toBe(0);
});

test('the node is there with its labels, its taint and its control plane, which is healthy', async () => {
  const admin = await clientOf(real, 'system:masters');
  const { data } = await admin.request('GET', '/api/v1/nodes/real-masters-01');
  expect(data.metadata.labels).toMatchObject({ 'slipway/pool': 'masters', tier: 'test' });
  expect(data.spec.taints).toContainEqual(expect.objectContaining({ key: 'node-role.kubernetes.io/control-plane' }));
  expect(data.status.addresses).toContainEqual({ type: 'InternalIP', address: leader.address });
  const { data: health } = await admin.request('GET', '/readyz?verbose');
  expect(health).toContain('readyz check passed');
});

test('the leader leaves no bootstrap token of its own behind', async () => {
  const admin = await clientOf(real, 'system:masters');
  const tokens = async () => {
    const { data } = await admin.request('GET', '/api/v1/namespaces/kube-system/secrets');
    return data.items.filter(
      ({ type, data }: { type: string; data: Record<string, string> }) =>
        type === 'bootstrap.kubernetes.io/token' && data.description !== base64('Joins one node; made by Slipway'),
    );
  };
  await vi.waitFor(async () => expect(await tokens()).toEqual([]), { timeout: 30_000, interval: 1000 });
});

test('a Secret is no plain text in etcd, nor without the key', async () => {
  const admin = await clientOf(real, 'system:masters');
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'hidden' },
    stringData: { word: 'open sesame' },
  };
  await admin.request('POST', '/api/v1/namespaces/default/secrets', secret);
  const client = await issueClientCertificate({
    caCert: certificates.etcdCaCert,
    caKey: certificates.etcdCaKey,
    commonName: 'test',
    organizations: [],
    minutes: 10,
  });
  const etcd = new KubernetesApi({ server: `https://${leader.address}:2379`, ca: certificates.etcdCaCert, ...client });
  const { data } = await etcd.request('POST', '/v3/kv/range', { key: base64('/registry/secrets/default/hidden') });
  const raw = Buffer.from(data.kvs[0].value, 'base64').toString('latin1');
  expect(raw).toMatch(/^k8s:enc:secretbox:v1:key1:/);
  expect(raw).not.toContain('open sesame');
  expect(readFileSync(join(leader.root, 'etc/kubernetes/encryption.yaml'), 'utf8')).toContain(certificates.enc);
  expect(statSync(join(leader.root, 'etc/kubernetes/encryption.yaml')).mode & 0o777).toBe(0o600);
  const { data: back } = await admin.request('GET', '/api/v1/namespaces/default/secrets/hidden');
  expect(back.data.word).toBe(base64('open sesame'));
});
