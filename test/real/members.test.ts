import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { onEtcd, onKubernetes } from '../../lib/connector/kubernetes.ts';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { deleteNode } from '../../lib/operations/delete-node.ts';
import { drainNode } from '../../lib/operations/drain-node.ts';
import { removeEtcdMember } from '../../lib/operations/remove-etcd-member.ts';
import { deriveBootstrapToken, issueClientCertificate } from '../../lib/pki/index.ts';
import { clientOf, describeNode, masterRecord, oidcOf, recordOf } from './cluster.ts';
import { boot, createMachine, kill, type Machine, read, succeed } from './machine.ts';

const real = inject('real');
vi.mock('../../lib/store/cluster-keys.ts', () => ({
  readClusterKeys: async () => ({ certificates: inject('real').certificates }),
}));

let admin: KubernetesApi;
let second: Machine;
let third: Machine;
let worker: Machine;

beforeAll(async () => {
  admin = await clientOf(real, 'system:masters');
  second = await createMachine('real-masters-02', '10.99.0.12');
  third = await createMachine('real-masters-03', '10.99.0.13');
  worker = await createMachine('real-workers-01', '10.99.0.21');
});

interface Member {
  ID: string;
  name: string;
  isLearner?: boolean;
}

async function members(): Promise<Member[]> {
  const client = await issueClientCertificate({
    caCert: real.certificates.etcdCaCert,
    caKey: real.certificates.etcdCaKey,
    commonName: 'test',
    organizations: [],
    minutes: 10,
  });
  const server = `https://${real.leader.address}:2379`;
  const etcd = new KubernetesApi({ server, ca: real.certificates.etcdCaCert, ...client });
  return (await etcd.request('POST', '/v3/cluster/member/list', {})).data.members;
}
const names = async () => (await members()).map(({ name }) => name).sort();

/** Writes and reads through the API server, which is to say through etcd. */
async function writes(name: string): Promise<void> {
  const path = '/api/v1/namespaces/default/configmaps';
  await admin.request('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { word: name } });
  expect((await admin.request('GET', `${path}/${name}`)).data.data.word).toBe(name);
}

test('a second and a third master join with our authorities, and etcd has three members that vote', async () => {
  await boot(second, describeNode(second.name, 'master', oidcOf(real)));
  await boot(third, describeNode(third.name, 'master', oidcOf(real)));
  const found = await members();
  expect(found.map(({ name }) => name).sort()).toEqual([real.leader.name, second.name, third.name]);
  expect(found.filter(({ isLearner }) => isLearner)).toEqual([]);
  expect(await succeed(second, 'kubeadm', 'config', 'validate', '--config', '/var/log/kubeadm-join.yaml')).toMatch(
    /ok/,
  );
  // They trust the issuer as the leader does.
  expect(read(second, '/etc/kubernetes/manifests/kube-apiserver.yaml')).toContain(`oidc-issuer-url=${real.issuer.url}`);
});

test('a worker joins, gets the authority and none of its keys, and the token it used is gone', async () => {
  await boot(worker, describeNode(worker.name, 'worker'));
  const { data } = await admin.request('GET', `/api/v1/nodes/${worker.name}`);
  expect(data.metadata.labels['slipway/pool']).toBe('workers');
  expect(read(worker, '/etc/kubernetes/pki/ca.crt')).toContain('BEGIN CERTIFICATE');
  for (const file of ['ca.key', 'sa.key', 'etcd/ca.key', 'front-proxy-ca.key'])
    expect(existsSync(join(worker.root, 'etc/kubernetes/pki', file)), file).toBe(false);
  const { id } = deriveBootstrapToken(real.seed, worker.name);
  const token = `/api/v1/namespaces/kube-system/secrets/bootstrap-token-${id}`;
  expect((await admin.request('GET', token, undefined, [404])).status).toBe(404);
  expect(existsSync(join(worker.root, 'etc/kubernetes/kubeadm.yaml'))).toBe(false);
  expect(await succeed(worker, 'kubeadm', 'config', 'validate', '--config', '/var/log/kubeadm-join.yaml')).toMatch(
    /ok/,
  );
});

test('a running pod of a worker is evicted by our drain', async () => {
  const path = '/api/v1/namespaces/default/pods';
  await admin.request('POST', path, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'work' },
    spec: { nodeName: worker.name, containers: [{ name: 'main', image: 'none' }] },
  });
  await vi.waitFor(async () => expect((await admin.request('GET', `${path}/work`)).data.status.phase).toBe('Running'), {
    timeout: 20_000,
    interval: 500,
  });
  const nodes = [masterRecord(real.leader)];
  const input = { node: worker.name, timeoutSeconds: 30 };
  await onKubernetes(recordOf(real), nodes, 'slipway:drain-node', drainNode, input);
  expect((await admin.request('GET', `${path}/work`, undefined, [404])).status).toBe(404);
});

test('the cluster is written to while one of its three masters is dead, which we then remove', async () => {
  kill(third);
  await vi.waitFor(() => writes('after-death'), { timeout: 60_000, interval: 1000 });
  const nodes = [real.leader, second, third].map(masterRecord);
  const remove = () => onEtcd(recordOf(real), nodes, third.name, removeEtcdMember, { node: third.name });
  await remove();
  expect(await names()).toEqual([real.leader.name, second.name]);
  await remove();
  await onKubernetes(recordOf(real), nodes, 'slipway:drain-node', deleteNode, { node: third.name });
  expect((await admin.request('GET', `/api/v1/nodes/${third.name}`, undefined, [404])).status).toBe(404);
  await writes('after-removal');
});
