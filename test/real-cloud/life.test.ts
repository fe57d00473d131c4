import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { parse } from 'yaml';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import {
  api,
  cloud,
  control,
  description,
  gone,
  registerConnection,
  scaleCheck,
  settled,
  until,
  vms,
} from '../e2e/harness.ts';

const { kubectl, disks, holder } = inject('machines');
const execute = promisify(execFile);
const CONFIG = join(disks, '..', 'kubeconfig');
/** Seconds for what takes some on a slow machine. */
const PATIENCE = 300;

const slipway = (...args: string[]) =>
  execute('cli/slipway.js', args, { env: { ...process.env, SLIPWAY_API: cloud.api, SLIPWAY_TOKEN: cloud.token } });

interface NodeObject {
  metadata: { name: string; uid: string };
  status: { conditions: { type: string; status: string }[]; addresses: { type: string; address: string }[] };
}

/** What a user's kubectl says of the nodes. */
async function nodes(): Promise<NodeObject[]> {
  const { stdout } = await execute(kubectl, ['--kubeconfig', CONFIG, 'get', 'nodes', '-o', 'json']);
  return JSON.parse(stdout).items;
}
const isReady = ({ status }: NodeObject) =>
  status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
const ready = async () => (await nodes()).filter(isReady).map(({ metadata }) => metadata.name);

/** The one VM of this name: its disk, and its address. */
async function machineOf(name: string): Promise<{ disk: string; address: string }> {
  const all = (await vms()) as unknown as { name: string; instanceUuid: string; address: string }[];
  const vm = all.find((each) => each.name === name);
  if (!vm) throw new Error(`there is no VM ${name}`);
  return { disk: join(disks, `${name}-${vm.instanceUuid}`), address: vm.address };
}

/** The members of etcd, asked of one of them: its number of each, by name. */
async function members(asked: string): Promise<Record<string, string>> {
  const { disk, address } = await machineOf(asked);
  const pki = (file: string) => readFileSync(join(disk, 'etc/kubernetes/pki/etcd', file), 'utf8');
  const client = { ca: pki('ca.crt'), certificate: pki('healthcheck-client.crt'), key: pki('healthcheck-client.key') };
  const etcd = new KubernetesApi({ server: `https://${address}:2379`, ...client });
  const { data } = await etcd.request('POST', '/v3/cluster/member/list', {});
  return Object.fromEntries(data.members.map(({ name, ID }: { name: string; ID: string }) => [name, ID]));
}

/** The client certificate of a machine's kubelet: kubeadm gives the leader's its own, the others ask for theirs. */
function kubeletCertificate(disk: string): X509Certificate {
  const pki = join(disk, 'var/lib/kubelet/pki');
  const [file] = existsSync(pki) ? readdirSync(pki).filter((each) => /^kubelet-client-\d.*\.pem$/.test(each)) : [];
  if (file) return new X509Certificate(readFileSync(join(pki, file)));
  const config = parse(readFileSync(join(disk, 'etc/kubernetes/kubelet.conf'), 'utf8'));
  return new X509Certificate(Buffer.from(config.users[0].user['client-certificate-data'], 'base64'));
}

/** What runs here, by the names of programs, and the network namespaces that are in use. */
function running(): { programs: string[]; networks: number } {
  const programs: string[] = [];
  const networks = new Set<string>();
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      programs.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      networks.add(readlinkSync(`/proc/${pid}/ns/net`));
    } catch {
      // It has just ended.
    }
  }
  return { programs, networks: networks.size };
}

let id: number;
/** The masters: the one that leads, at whose address the cluster is reached, and the others. */
let leader: string;
let followers: [string, string];

beforeAll(async () => {
  await registerConnection();
});

test('a cluster of three masters and a worker runs, and a kubeconfig of the command line shows them to kubectl', async () => {
  const began = Date.now();
  const { body } = await api('POST', '/clusters', description('real', 3, 1));
  id = body.id;
  const cluster = await settled(id, PATIENCE);
  expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '4 nodes are ready']);
  console.log(`RUNNING after ${Math.round((Date.now() - began) / 1000)} s`);
  leader = cluster.leader;
  await slipway('kubeconfig', 'real', '--to', CONFIG);
  const names = ['real-masters-01', 'real-masters-02', 'real-masters-03', 'real-workers-01'];
  followers = names.slice(0, 3).filter((name) => name !== leader) as [string, string];
  await until(ready, (found) => found.length === 4);
  expect((await nodes()).map(({ metadata }) => metadata.name)).toEqual(names);
  const addresses = (await nodes()).map(({ status }) => status.addresses.find(({ type }) => type === 'InternalIP'));
  for (const [index, name] of names.entries()) expect(addresses[index]?.address).toBe((await machineOf(name)).address);
});

test("every node's kubelet has a certificate of its own, signed by the cluster's authority", async () => {
  const { clusters } = JSON.parse(readFileSync(CONFIG, 'utf8'));
  const bundle = Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64').toString();
  const authority = new X509Certificate(bundle);
  for (const name of [leader, ...followers, 'real-workers-01']) {
    const certificate = kubeletCertificate((await machineOf(name)).disk);
    expect(certificate.subject.split('\n').sort()).toEqual([`CN=system:node:${name}`, 'O=system:nodes']);
    expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
  }
});

test('workers come and go: a removed one is drained, and neither its object nor its disk is left', async () => {
  await slipway('scale', 'real', 'workers', '2');
  expect((await settled(id, PATIENCE)).status).toBe('RUNNING');
  await until(ready, (names) => names.includes('real-workers-02'));
  const { disk } = await machineOf('real-workers-02');
  await slipway('scale', 'real', 'workers', '1');
  expect((await settled(id, PATIENCE)).status).toBe('RUNNING');
  expect((await nodes()).map(({ metadata }) => metadata.name)).not.toContain('real-workers-02');
  await until(
    async () => existsSync(disk),
    (there) => !there,
  );
});

test('a master whose power was cut comes back as who it was: its first boot is not repeated, its etcd has kept its data', async () => {
  const [name] = followers;
  const [before, { disk }] = [await members(leader), await machineOf(name)];
  const [object] = (await nodes()).filter(({ metadata }) => metadata.name === name);
  const log = readFileSync(join(disk, 'var/log/slipway.log'), 'utf8');
  await control('POST', `/vms/${name}/poweroff`);
  await vi.waitFor(() => expect(running().programs.filter((each) => each.includes(`--name=${name} `))).toEqual([]), {
    timeout: 10_000,
  });
  await scaleCheck();
  await until(vms, (all) => all.some((vm) => vm.name === name && vm.power === 'poweredOn'));
  expect((await settled(id, PATIENCE)).status).toBe('RUNNING');
  await until(
    () => members(name).catch(() => ({})),
    (found) => JSON.stringify(found) === JSON.stringify(before),
  );
  expect((await nodes()).find(({ metadata }) => metadata.name === name)?.metadata.uid).toBe(object?.metadata.uid);
  expect(readFileSync(join(disk, 'var/log/slipway.log'), 'utf8')).toBe(log);
});

test('a master whose VM was destroyed is replaced, in etcd as well', async () => {
  const [, name] = followers;
  const before = await members(leader);
  await control('POST', `/vms/${name}/kill`);
  await scaleCheck();
  await until(
    () => api('GET', `/clusters/${id}`),
    ({ body }) => body.status !== 'RUNNING',
  );
  expect((await settled(id, PATIENCE)).status).toBe('RUNNING');
  const after = await members(leader);
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  expect(after[name]).not.toBe(before[name]);
  await until(ready, (names) => names.length === 4);
  // The new one is asked itself.
  expect(await members(name)).toEqual(after);
});

/** The cables that are plugged into the switch. */
async function cables(): Promise<string[]> {
  const { stdout } = await execute('nsenter', ['--target', String(holder), '--net', 'ip', '-o', 'link']);
  return stdout.match(/\bn\d+-\d+(?=@)/g) ?? [];
}

test('a deleted cluster leaves no process, no namespace, no cable, no mount and no disk', async () => {
  expect([running().networks, (await cables()).length, readdirSync(disks).length]).toEqual([2 + 4, 4, 4]);
  await api('DELETE', `/clusters/${id}`);
  await gone(id);
  await vi.waitFor(
    async () => {
      const machines = /^(kubelet|etcd|kube-|sh .*machine\.sh)|kubernetes\/guest\.ts $/;
      expect(running().programs.filter((each) => machines.test(each))).toEqual([]);
      // Ours, and that of the switch.
      expect(running().networks).toBe(2);
      expect(await cables()).toEqual([]);
      expect(readdirSync(disks)).toEqual([]);
    },
    { timeout: 20_000, interval: 200 },
  );
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('/guests/');
});
