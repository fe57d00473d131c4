import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test, vi } from 'vitest';
import { createClusterCertificates } from '../../lib/pki/index.ts';
import { clientOf, describeNode, type Real } from './cluster.ts';
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

test('a leader that dies in kubeadm init, its API server up, leads when it is switched on again', async () => {
  const certificates = await createClusterCertificates({ name: 'half-way' });
  const seed = randomBytes(32).toString('base64');
  const api = await serveApi({ certificates, seed }, 8081);
  const leader = await createMachine('half-masters-01', '10.99.0.31');
  const described = { ...describeNode(leader.name, 'master'), apiUrl: `http://${GATEWAY}:8081` };

  const health = ['curl', '-ksf', '-o', '/dev/null', `https://${leader.address}:6443/readyz`];
  await bootHalfWay(leader, described, async () => (await on(leader, ...health)).code === 0);
  expect(existsSync(join(leader.root, DONE))).toBe(false);

  await boot(leader, described);
  expect(times(leader, 'Deleted contents of the etcd data directory')).toBe(1);
  expect(times(leader, 'Your Kubernetes control-plane has initialized successfully')).toBe(1);
  expect(read(leader, '/etc/kubernetes/pki/ca.key')).toBe(certificates.kubernetesCaKey);
  const cluster = { leader, certificates, seed };
  await vi.waitFor(async () => expect(await isReady(cluster, leader.name)).toBe(true), {
    timeout: 30_000,
    interval: 500,
  });
  api.close();
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
  await vi.waitFor(async () => expect(await isReady(real, worker.name)).toBe(true), { timeout: 30_000, interval: 500 });
  expect(existsSync(join(worker.root, 'etc/kubernetes/kubeadm.yaml'))).toBe(false);
});
