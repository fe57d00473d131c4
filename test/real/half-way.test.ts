import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { createClusterCertificates, issueClientCertificate } from '../../lib/pki/index.ts';
import { clientOf, describeNode, oidcOf, type Real } from './cluster.ts';
import { boot, bootHalfWay, createMachine, type Machine, on, read } from './machine.ts';
import { GATEWAY } from './network.ts';
import { serveApi } from './slipway-api.ts';

const real = inject('real');
const DONE = 'var/lib/slipway/kubeadm-done';
const times = (machine: Machine, what: string) => read(machine, '/var/log/slipway.log').split(what).length - 1;

async function isReady(cluster: Real, name: string): Promise<boolean> {
  const admin = await clientOf(cluster, 'system:masters');
  const { status, data } = await admin.request('GET', `/api/v1/nodes/${name}`, undefined, [404]);
  const conditions: { type: string; status: string }[] = data.status?.conditions ?? [];
  return status === 200 && conditions.some((each) => each.type === 'Ready' && each.status === 'True');
}

const becomesReady = (cluster: Real, name: string) =>
  vi.waitFor(async () => expect(await isReady(cluster, name)).toBe(true), { timeout: 30_000, interval: 500 });

describe('of a cluster of its own', () => {
  const seed = randomBytes(32).toString('base64');
  const describeMaster = (name: string) => ({
    ...describeNode(name, 'master', oidcOf(real)),
    apiUrl: `http://${GATEWAY}:8081`,
  });
  let cluster: Real;
  let api: Server;

  beforeAll(async () => {
    const certificates = await createClusterCertificates({ name: 'half-way' });
    api = await serveApi({ certificates, seed }, 8081);
    cluster = { ...real, leader: await createMachine('half-masters-01', '10.99.0.31'), certificates, seed };
  });
  afterAll(() => api?.close());

  test('a leader that dies in kubeadm init, its API server up, leads when it is switched on again', async () => {
    const { leader, certificates } = cluster;
    const health = ['curl', '-ksf', '-o', '/dev/null', `https://${leader.address}:6443/readyz`];
    await bootHalfWay(leader, describeMaster(leader.name), async () => (await on(leader, ...health)).code === 0);
    expect(existsSync(join(leader.root, DONE))).toBe(false);

    await boot(leader, describeMaster(leader.name));
    expect(times(leader, 'Deleted contents of the etcd data directory')).toBe(1);
    expect(times(leader, 'Your Kubernetes control-plane has initialized successfully')).toBe(1);
    expect(read(leader, '/etc/kubernetes/pki/ca.key')).toBe(certificates.kubernetesCaKey);
    expect(read(leader, '/etc/kubernetes/pki/oidc-ca.crt')).toBe(real.issuer.ca);
    await becomesReady(cluster, leader.name);
  });

  test('a master that dies in kubeadm join, a member of etcd already, leaves that and joins again', async () => {
    const second = await createMachine('half-masters-02', '10.99.0.33');
    writeFileSync(join(second.root, 'run/kubeadm-is-not-heard'), '');
    const votes = async () => (await members()).filter(({ name, isLearner }) => name && !isLearner);
    await bootHalfWay(
      second,
      describeMaster(second.name),
      async () => (await isReady(cluster, second.name)) && (await votes()).length === 2,
    );
    const [before] = (await members()).filter(({ name }) => name !== cluster.leader.name);
    rmSync(join(second.root, 'run/kubeadm-is-not-heard'));

    await boot(second, describeMaster(second.name));
    await becomesReady(cluster, second.name);
    const now = await members();
    expect(now.map(({ name }) => name).sort()).toEqual([cluster.leader.name, second.name]);
    expect(now.filter(({ isLearner }) => isLearner)).toEqual([]);
    expect(now.map(({ ID }) => ID)).not.toContain(before?.ID);
  });

  async function members(): Promise<{ ID: string; name: string; isLearner?: boolean }[]> {
    const { etcdCaCert: caCert, etcdCaKey: caKey } = cluster.certificates;
    const client = await issueClientCertificate({ caCert, caKey, commonName: 'test', organizations: [], minutes: 10 });
    const etcd = new KubernetesApi({ server: `https://${cluster.leader.address}:2379`, ca: caCert, ...client });
    return (await etcd.request('POST', '/v3/cluster/member/list', {})).data.members;
  }
});

test('a worker that dies in kubeadm join, its node there, joins once the cluster has seen it dead', async () => {
  const worker = await createMachine('real-workers-31', '10.99.0.32');
  const described = describeNode(worker.name, 'worker');
  writeFileSync(join(worker.root, 'run/kubeadm-is-not-heard'), '');
  await bootHalfWay(worker, described, () => isReady(real, worker.name));
  expect(existsSync(join(worker.root, DONE))).toBe(false);
  rmSync(join(worker.root, 'run/kubeadm-is-not-heard'));

  await boot(worker, described);
  expect(times(worker, 'already exists in the cluster')).toBeGreaterThan(0);
  await becomesReady(real, worker.name);
  expect(existsSync(join(worker.root, 'etc/kubernetes/kubeadm.yaml'))).toBe(false);
});
