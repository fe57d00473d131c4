import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Cluster } from '../../lib/cluster/cluster.ts';
import { type ExternalEtcd, etcdUser, keyRange } from '../../lib/cluster/etcd.ts';
import { onExternalEtcd } from '../../lib/connector/etcd.ts';
import { onEtcd } from '../../lib/connector/kubernetes.ts';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { prepareEtcdPrefix } from '../../lib/operations/prepare-etcd-prefix.ts';
import { releaseEtcdPrefix } from '../../lib/operations/release-etcd-prefix.ts';
import { removeEtcdMember } from '../../lib/operations/remove-etcd-member.ts';
import {
  type ClusterCertificates,
  createClusterCertificates,
  issueClientCertificate,
  issueGatewayCertificate,
} from '../../lib/pki/index.ts';
import { etcdKeys } from '../../lib/steps/etcd-keys.ts';
import { clusterRecord, describeOnEtcd, etcdRecords, type OnEtcd } from './etcd-cluster.ts';
import { boot, bootHalfWay, createMachine, kill, type Machine, on, read, succeed } from './machine.ts';
import { serveApi } from './slipway-api.ts';

/** Every cluster of the tests by its id, as the store would have it. */
const { clusters, own } = vi.hoisted(() => ({ clusters: new Map<number, OnEtcd>(), own: new Map<string, unknown>() }));
vi.mock('../../lib/store/cluster-keys.ts', () => ({ readClusterKeys: async (id: number) => clusters.get(id)?.keys }));
vi.mock('../../lib/store/clusters.ts', () => ({ getCluster: async (id: number) => clusters.get(id)?.cluster }));
vi.mock('../../lib/store/nodes.ts', () => ({
  listNodes: async (id: number) => etcdRecords(clusters.get(id)?.machines ?? []),
}));
vi.mock('../../lib/store/secrets.ts', () => ({ readSecretValues: async (_: number, id: string) => own.get(id) }));

const ETCD = 100;
const servers: Server[] = [];
let etcd: OnEtcd;
let shop: OnEtcd;
let blog: OnEtcd;

async function create(
  id: number,
  name: string,
  port: number,
  external?: ExternalEtcd,
  given?: { ca: string; certificate: string; key: string },
): Promise<OnEtcd> {
  const cluster = clusterRecord(id, name, external ? ['master'] : ['etcd'], external);
  const seed = randomBytes(32).toString('base64');
  const certificates = await createClusterCertificates({ name });
  const keys = { certificates, bootstrapSeed: seed, ...(await etcdKeys(cluster)) };
  const made = { cluster, keys, machines: [], port };
  clusters.set(id, made);
  const { etcdCaCert, etcdCaKey, ...others } = certificates;
  const client = keys.etcdClient ?? given;
  const values = client
    ? { ...others, etcdCaCert: client.ca, etcdClientCert: client.certificate, etcdClientKey: client.key }
    : { etcdCaCert, etcdCaKey, ...(await gateway(certificates)), etcdRootPassword: keys.etcdRootPassword };
  servers.push(await serveApi({ certificates, seed, values, etcd: !external }, port));
  return made;
}

/** What lets a member speak to etcd's gateway. */
async function gateway(certificates: ClusterCertificates) {
  const { certificate, key } = await issueGatewayCertificate(certificates, 60);
  return { etcdClientCert: certificate, etcdClientKey: key };
}

async function add({ machines }: OnEtcd, name: string, address: string): Promise<Machine> {
  const machine = await createMachine(name, address);
  machines.push(machine);
  return machine;
}

/** Where a cluster's control plane finds the etcd cluster. */
const shared = ({ cluster }: OnEtcd) => ({
  endpoints: etcd.machines.map(({ name }) => `https://${name}:2379`),
  hosts: etcd.machines.map(({ name, address }) => ({ name, address })),
  prefix: cluster.etcd?.prefix as string,
  compacts: true,
});

const userOf = ({ id, etcd }: Cluster) => (etcd?.clusterId === undefined ? undefined : etcdUser(id));
const prepare = ({ cluster }: OnEtcd) =>
  onExternalEtcd(cluster, prepareEtcdPrefix, { ...keyRange(cluster.etcd as ExternalEtcd), user: userOf(cluster) });
const release = ({ cluster }: OnEtcd) =>
  onExternalEtcd(cluster, releaseEtcdPrefix, {
    ...keyRange(cluster.etcd as ExternalEtcd),
    keys: true,
    user: userOf(cluster),
  });

/** etcdctl, over gRPC, with a cluster's client certificate, on a control-plane node of it. */
const etcdctl = (machine: Machine, server: Machine, ...command: string[]) =>
  on(
    machine,
    ...['etcdctl', '--endpoints', `https://${server.address}:2379`, '--command-timeout=10s'],
    ...['--cacert', '/etc/kubernetes/pki/etcd/ca.crt'],
    ...['--cert', '/etc/kubernetes/pki/apiserver-etcd-client.crt'],
    ...['--key', '/etc/kubernetes/pki/apiserver-etcd-client.key'],
    ...command,
  );

/** etcdctl as root, with a certificate of the etcd cluster's authority. */
async function asRoot(server: Machine, ...command: string[]): Promise<string> {
  const { etcdCaCert: caCert, etcdCaKey: caKey } = etcd.keys.certificates;
  const root = await issueClientCertificate({ caCert, caKey, commonName: 'root', organizations: [], minutes: 5 });
  writeFileSync(join(server.root, 'root/root.crt'), root.certificate);
  writeFileSync(join(server.root, 'root/root.key'), root.key);
  return await succeed(
    server,
    ...['etcdctl', '--endpoints', `https://${server.address}:2379`, '--cacert', '/etc/kubernetes/pki/etcd/ca.crt'],
    ...['--cert', '/root/root.crt', '--key', '/root/root.key', ...command],
  );
}

/** Writes through each API server of a cluster, and reads it back. */
async function writes({ machines, keys }: OnEtcd, name: string): Promise<void> {
  const { kubernetesCaCert: ca, kubernetesCaSigningCert: caCert, kubernetesCaKey: caKey } = keys.certificates;
  for (const { address } of machines) {
    const group = 'system:masters';
    const client = await issueClientCertificate({
      caCert,
      caKey,
      commonName: group,
      organizations: [group],
      minutes: 5,
    });
    const admin = new KubernetesApi({ server: `https://${address}:6443`, ca, ...client });
    const path = '/api/v1/namespaces/default/configmaps';
    await admin.request('POST', path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}-${address}` },
    });
    const found = await Promise.all(
      machines.map(async (machine) => {
        const other = new KubernetesApi({ server: `https://${machine.address}:6443`, ca, ...client });
        return (await other.request('GET', `${path}/${name}-${address}`)).status;
      }),
    );
    expect(found).toEqual(machines.map(() => 200));
  }
}

beforeAll(async () => {
  etcd = await create(ETCD, 'etcd', 8181);
  for (const ordinal of [1, 2, 3]) await add(etcd, `etcd-0${ordinal}`, `10.99.0.13${ordinal}`);
  await Promise.all(etcd.machines.map((machine) => boot(machine, describeOnEtcd(etcd, machine.name))));
});

afterAll(() => {
  for (const server of servers) server.close();
});

const [first, second, third] = [0, 1, 2].map((index) => () => etcd.machines[index] as Machine) as [
  () => Machine,
  () => Machine,
  () => Machine,
];

describe('an etcd cluster that the node program made', () => {
  test('has three members that vote, one of which began', async () => {
    const { members } = JSON.parse(await asRoot(first(), 'member', 'list', '-w', 'json'));
    expect(members.map(({ name }: { name: string }) => name).sort()).toEqual(['etcd-01', 'etcd-02', 'etcd-03']);
    expect(members.filter(({ isLearner }: { isLearner?: boolean }) => isLearner)).toEqual([]);
    const states = etcd.machines.map(
      (machine) => /initial-cluster-state=(\w+)/.exec(read(machine, '/etc/kubernetes/manifests/etcd.yaml'))?.[1],
    );
    expect(states.sort()).toEqual(['existing', 'existing', 'new']);
  });

  test('lets in nobody who has no user, be the certificate signed by its authority', async () => {
    const server = first();
    const { code, output } = await on(
      server,
      ...['etcdctl', '--endpoints', `https://${server.address}:2379`, '--cacert', '/etc/kubernetes/pki/etcd/ca.crt'],
      ...['--cert', '/etc/kubernetes/pki/etcd/peer.crt', '--key', '/etc/kubernetes/pki/etcd/peer.key'],
      ...['get', '/', '--prefix'],
    );
    expect([code, output]).toEqual([1, expect.stringMatching(/permission denied/)]);
  });

  test('leaves no password in its processes, its log, or the manifests', async () => {
    const password = String(etcd.keys.etcdRootPassword);
    for (const machine of etcd.machines) {
      expect(read(machine, '/etc/slipway/etcd-root-password')).toBe(password);
      for (const file of [
        '/var/log/slipway.log',
        '/etc/kubernetes/manifests/etcd.yaml',
        '/etc/kubernetes/kubeadm.yaml',
      ])
        expect(read(machine, file), file).not.toContain(password);
    }
  });
});

describe('two Kubernetes clusters on it', () => {
  beforeAll(async () => {
    shop = await create(101, 'shop', 8182, { clusterId: ETCD, prefix: '/shop' });
    blog = await create(102, 'blog', 8183, { clusterId: ETCD, prefix: '/blog' });
    for (const cluster of [shop, blog]) await prepare(cluster);
    await add(shop, 'shop-01', '10.99.0.141');
    await add(shop, 'shop-02', '10.99.0.142');
    await add(blog, 'blog-01', '10.99.0.151');
  });

  test('have their prefixes opened to them, however often that is done', async () => {
    await prepare(shop);
    expect((await asRoot(first(), 'user', 'list')).split('\n')).toEqual(
      expect.arrayContaining(['root', 'slipway-101', 'slipway-102']),
    );
  });

  test('come up, one of them with two API servers', async () => {
    await Promise.all(
      [shop, blog].flatMap((cluster) =>
        cluster.machines.map((machine) => boot(machine, describeOnEtcd(cluster, machine.name, shared(cluster)))),
      ),
    );
    await writes(shop, 'begun');
    await writes(blog, 'begun');
    const validated = ['kubeadm', 'config', 'validate', '--config', '/var/log/kubeadm-init.yaml'];
    expect(await succeed(blog.machines[0] as Machine, ...validated)).toMatch(/ok/);
  }, 300_000);

  test('keep their state below their prefixes alone', async () => {
    for (const prefix of ['/shop/', '/blog/']) {
      const found = JSON.parse(await asRoot(first(), 'get', prefix, '--prefix', '--keys-only', '-w', 'json'));
      expect(Number(found.count), prefix).toBeGreaterThan(50);
    }
    const { kvs = [] } = JSON.parse(await asRoot(first(), 'get', '', '--from-key', '--keys-only', '-w', 'json'));
    const others = kvs
      .map(({ key }: { key: string }) => Buffer.from(key, 'base64').toString())
      .filter((key: string) => !/^\/(shop|blog)\//.test(key));
    expect(others).toEqual([]);
  });

  test('can read and write nothing of each other, and may write no other key', async () => {
    const machine = shop.machines[0] as Machine;
    const ask = async (...command: string[]) => {
      const { code, output } = await etcdctl(machine, second(), ...command);
      return code === 0 ? 'done' : (/permission denied/.exec(output)?.[0] ?? output);
    };
    expect(await ask('get', '/shop/health')).toBe('done');
    expect(await ask('put', '/shop/mine', '1')).toBe('done');
    expect(await ask('get', '/blog/', '--prefix')).toBe('permission denied');
    expect(await ask('get', '/blog/health')).toBe('permission denied');
    expect(await ask('put', '/blog/theirs', '1')).toBe('permission denied');
    expect(await ask('del', '/blog/', '--prefix')).toBe('permission denied');
    expect(await ask('get', '', '--from-key')).toBe('permission denied');
    expect(await ask('put', 'compact_rev_key', '1')).toBe('permission denied');
    expect(await ask('put', '/shop', '1')).toBe('permission denied');
    expect(await ask('user', 'list')).toBe('permission denied');
  });

  test('ask etcd for nothing that they may not have', () => {
    for (const machine of [...shop.machines, ...blog.machines]) {
      const log = read(machine, '/var/log/pods/kube-apiserver.log');
      expect(log).not.toMatch(/permission denied|etcdserver: user name is empty|invalid auth token/);
    }
  });

  test('a prefix that has keys is refused, and told how many', async () => {
    const other = { ...shop, cluster: { ...shop.cluster, id: 103 } };
    await expect(prepare(other)).rejects.toMatchObject({
      name: 'EtcdPrefixInUse',
      message: expect.stringMatching(/There are \d+ keys below \/shop\//),
    });
    expect(await asRoot(first(), 'user', 'list')).not.toContain('slipway-103');
  });

  test('are written to while one of the three members is dead, which then leaves', async () => {
    kill(third());
    await vi.waitFor(() => writes(shop, `after-${Date.now()}`), { timeout: 60_000, interval: 1000 });
    await vi.waitFor(() => writes(blog, `after-${Date.now()}`), { timeout: 60_000, interval: 1000 });
    const dead = third();
    const input = { node: dead.name, address: dead.address };
    await onEtcd(etcd.cluster, etcdRecords(etcd.machines), dead.name, removeEtcdMember, input);
    const { members } = JSON.parse(await asRoot(first(), 'member', 'list', '-w', 'json'));
    expect(members.map(({ name }: { name: string }) => name).sort()).toEqual(['etcd-01', 'etcd-02']);
    etcd.machines.pop();
  });

  test('get a new member, which is added as a learner and then votes', async () => {
    const replacement = await add(etcd, 'etcd-04', '10.99.0.134');
    await boot(replacement, describeOnEtcd(etcd, replacement.name));
    const { members } = JSON.parse(await asRoot(first(), 'member', 'list', '-w', 'json'));
    expect(
      members.map(({ name, isLearner }: { name: string; isLearner?: boolean }) => [name, Boolean(isLearner)]),
    ).toEqual(expect.arrayContaining([['etcd-04', false]]));
    expect(members).toHaveLength(3);
  });

  test('leave nothing behind: user, role and keys of the one that is deleted are gone, the other goes on', async () => {
    for (const machine of shop.machines) kill(machine);
    const { deleted } = await release(shop);
    expect(deleted).toBeGreaterThan(50);
    expect((await release(shop)).deleted).toBe(0);
    expect(await asRoot(first(), 'user', 'list')).not.toContain('slipway-101');
    expect(await asRoot(first(), 'role', 'list')).not.toContain('slipway-101');
    expect(JSON.parse(await asRoot(first(), 'get', '/shop', '--prefix', '-w', 'json')).kvs ?? []).toEqual([]);
    await writes(blog, 'alone');
  });
});

describe('an etcd of one’s own, by its endpoints and a certificate', () => {
  let mine: OnEtcd;

  beforeAll(async () => {
    // An etcd of somebody who has turned its users on, and made one for us.
    const { etcdCaCert: caCert, etcdCaKey: caKey } = etcd.keys.certificates;
    const client = await issueClientCertificate({ caCert, caKey, commonName: 'mine', organizations: [], minutes: 60 });
    own.set('secret', { ca: caCert, ...client });
    await asRoot(first(), 'role', 'add', 'mine');
    await asRoot(first(), 'role', 'grant-permission', 'mine', 'readwrite', '/mine/', '/mine0');
    await asRoot(first(), 'role', 'grant-permission', 'mine', 'readwrite', 'compact_rev_key');
    await asRoot(first(), 'user', 'add', 'mine', '--no-password');
    await asRoot(first(), 'user', 'grant-role', 'mine', 'mine');
    const endpoints = etcd.machines.map(({ address }) => `https://${address}:2379`);
    const external = { endpoints, secretId: 'secret', prefix: '/mine' };
    mine = await create(104, 'mine', 8184, external, { ca: caCert, ...client });
  });

  test('is found empty, and is used by two API servers, the first of which died as it began', async () => {
    await prepare(mine);
    const names = ['mine-01', 'mine-02'];
    await Promise.all(names.map((name, index) => add(mine, name, `10.99.0.16${index}`)));
    const { endpoints = [], prefix } = mine.cluster.etcd as ExternalEtcd;
    const described = (machine: Machine) => describeOnEtcd(mine, machine.name, { endpoints, prefix });
    // One that dies in kubeadm init, its state begun, goes on with it.
    const [leader] = mine.machines as [Machine, Machine];
    const health = ['curl', '-ksf', '-o', '/dev/null', `https://${leader.address}:6443/readyz`];
    await bootHalfWay(leader, described(leader), async () => (await on(leader, ...health)).code === 0);
    await Promise.all(mine.machines.map((machine) => boot(machine, described(machine))));
    expect(read(leader, '/var/log/slipway.log')).toMatch(/Z reset$/m);
    await writes(mine, 'begun');
  }, 300_000);

  test('is not taken for empty any more', async () => {
    await expect(prepare(mine)).rejects.toMatchObject({ name: 'EtcdPrefixInUse' });
  });

  test('of which the certificate opens no other prefix: what is told is that it was denied', async () => {
    const cluster = { ...mine.cluster, etcd: { ...(mine.cluster.etcd as ExternalEtcd), prefix: '/blog' } };
    await expect(release({ ...mine, cluster })).rejects.toMatchObject({ name: 'KubernetesDenied' });
  });

  test('has no keys of the cluster left when that is deleted', async () => {
    for (const machine of mine.machines) kill(machine);
    expect((await release(mine)).deleted).toBeGreaterThan(50);
    await prepare(mine);
  });

  test('that does not answer is told of so', async () => {
    const endpoints = ['https://10.99.0.199:2379'];
    const cluster = { ...mine.cluster, etcd: { ...(mine.cluster.etcd as ExternalEtcd), endpoints } };
    await expect(prepare({ ...mine, cluster })).rejects.toMatchObject({ name: 'KubernetesUnreachable' });
  });
});
