import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { calico } from '../../lib/addons/calico.ts';
import { cilium } from '../../lib/addons/cilium.ts';
import type { NodeAddon } from '../../lib/addons/index.ts';
import { metallb } from '../../lib/addons/metallb.ts';
import { cloudProvider, storageDriver } from '../../lib/addons/vsphere.ts';
import { addonFiles, addonsRevision } from '../../lib/bootstrap/addon-files.ts';
import { onKubernetes } from '../../lib/connector/kubernetes.ts';
import type { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { readAddons } from '../../lib/operations/read-addons.ts';
import { makeMirror } from '../../local/addons/mirror.ts';
import { KUBERNETES_VERSION } from '../../local/kubernetes/binaries.ts';
import { clientOf, masterRecord, recordOf } from './cluster.ts';
import { read, succeed, surroundings } from './machine.ts';
import { MIRROR, serveMirror } from './mirror.ts';
import { MIRRORED } from './mirrored.ts';

const real = inject('real');
/** A mirror with everything in it, where one was made: `npm run addons -- --to DIRECTORY`. Some sources are not modules. */
const { SLIPWAY_TEST_MIRROR } = process.env;
const { leader } = real;
vi.mock('../../lib/store/cluster-keys.ts', () => ({
  readClusterKeys: async () => ({ certificates: inject('real').certificates }),
}));
const POOLS = '/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools';
let admin: KubernetesApi;
let server: Server;

/** Has the leader apply add-ons as its timer does, from the mirror. @returns the end of its log */
async function apply(...addons: NodeAddon[]): Promise<string> {
  const at = (path: string) => join(leader.root, path);
  rmSync(at('/etc/slipway/addons'), { recursive: true, force: true });
  for (const [path, content] of addonFiles(addons)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
  const before = read(leader, '/var/log/slipway.log').length;
  await succeed(leader, 'sh', '/var/lib/slipway/node-program.sh', 'addons');
  return read(leader, '/var/log/slipway.log').slice(before);
}

const pool = (name: string, spec: unknown) => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'IPAddressPool',
  metadata: { name, namespace: 'metallb-system' },
  spec,
});

beforeAll(async () => {
  admin = await clientOf(real, 'system:masters');
  const mirror = join(surroundings().directory, 'mirror');
  if (SLIPWAY_TEST_MIRROR) cpSync(SLIPWAY_TEST_MIRROR, mirror, { recursive: true });
  const mirrored = await makeMirror(mirror, MIRRORED);
  expect(mirrored.filter(({ error }) => error)).toEqual([]);
  expect(mirrored).toHaveLength(8);
  server = await serveMirror(mirror);
  appendFileSync(join(leader.root, 'etc/slipway/node.env'), `ADDON_MIRROR='${MIRROR}'\n`);
}, 600_000);
afterAll(() => {
  server.close();
});

test('the leader applies the real MetalLB from a mirror, and our pool and advertisement on top of its kinds', async () => {
  const said = await apply(metallb(['10.99.0.100-10.99.0.110', '10.99.1.0/28', '10.99.2.7']));
  expect(said).toContain('metallb is applied');
  const { data } = await admin.request('GET', `${POOLS}/slipway`);
  expect(data.spec).toMatchObject({
    addresses: ['10.99.0.100-10.99.0.110', '10.99.1.0/28', '10.99.2.7/32'],
    autoAssign: true,
  });
  const advertisement = await admin.request('GET', `${POOLS.replace(/\w+$/, 'l2advertisements')}/slipway`);
  expect(advertisement.data.spec.ipAddressPools).toEqual(['slipway']);
  const controller = '/apis/apps/v1/namespaces/metallb-system/deployments/controller';
  const { data: deployment } = await admin.request('GET', controller);
  expect(deployment.spec.template.spec.containers[0].image).toBe('quay.io/metallb/controller:v0.16.2');
});

test('the record in the cluster is read by who may read nothing else, and says what was applied', async () => {
  const addons = [metallb(['10.99.0.100-10.99.0.110', '10.99.1.0/28', '10.99.2.7'])];
  const found = await onKubernetes(recordOf(real), [masterRecord(leader)], 'slipway:read-addons', readAddons, {});
  expect(found).toEqual({ revision: addonsRevision(addons), node: leader.name });
});

test('a second run changes nothing in the cluster', async () => {
  const versions = async () => {
    const paths = [
      '/apis/apps/v1/namespaces/metallb-system/deployments/controller',
      '/apis/apps/v1/namespaces/metallb-system/daemonsets/speaker',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ipaddresspools.metallb.io',
      `${POOLS}/slipway`,
    ];
    const found = await Promise.all(paths.map((path) => admin.request('GET', path)));
    return found.map(({ data }) => [data.metadata.name, data.metadata.generation, data.metadata.uid]);
  };
  const before = await versions();
  // As if the record in the cluster were lost.
  await admin.request('DELETE', '/api/v1/namespaces/kube-system/configmaps/slipway-addons');
  expect(await apply(metallb(['10.99.0.100-10.99.0.110', '10.99.1.0/28', '10.99.2.7']))).toContain('is applied');
  expect(await versions()).toEqual(before);
});

test('where the cluster says that all are applied, nothing is done', async () => {
  expect(await apply(metallb(['10.99.0.100-10.99.0.110', '10.99.1.0/28', '10.99.2.7']))).not.toContain('metallb');
});

test.each([
  ['a text', { addresses: '10.99.3.0/24' }, /expected "array"|must be of type array|Invalid value: "string"/],
  ['a number', { addresses: [7] }, /must be of type string|Invalid value: "integer"/],
  ['nothing', {}, /addresses: Required value/],
  ['words', { addresses: ['ten of them'] }, /a network such as 10\.0\.0\.0\/24/],
  ['an address without a prefix', { addresses: ['10.99.3.1'] }, /a network such as/],
  ['an octet that is too large', { addresses: ['10.99.3.1-10.99.3.300'] }, /a network such as/],
  ['a prefix that is too large', { addresses: ['10.99.3.0/33'] }, /a network such as/],
  ['three ends', { addresses: ['10.99.3.1-10.99.3.2-10.99.3.3'] }, /a network such as/],
])('the schema refuses a pool whose addresses are %s', async (_, spec, message) => {
  await expect(admin.request('POST', POOLS, pool('wrong', spec))).rejects.toMatchObject({
    name: 'KubernetesRefused',
    status: 422,
    message: expect.stringMatching(message),
  });
});

test.each([['10.99.4.0/24'], ['10.99.4.1-10.99.4.9'], ['10.99.4.1 - 10.99.4.9'], ['fd00::/64'], ['fd00::1-fd00::9']])(
  'the schema takes %s, as MetalLB does',
  async (range) => {
    const name = 'right';
    expect((await admin.request('POST', POOLS, pool(name, { addresses: [range] }))).status).toBe(201);
    await admin.request('DELETE', `${POOLS}/${name}`);
  },
);

test('what the API server refuses is told in its words, and the rest of the add-on is there', async () => {
  const addon = metallb(['10.99.0.100-10.99.0.110']);
  const wrong = { ...addon, resources: [pool('slipway', { addresses: ['nonsense'] })] };
  const said = await apply(wrong);
  expect(said).toMatch(/metallb: the API server did not accept our resources for it: .*a network such as/);
  expect((await admin.request('GET', `${POOLS}/slipway`)).data.spec.addresses).toContain('10.99.2.7/32');
});

test('Cilium, rendered from its chart to the bytes that are pinned, is accepted with our settings', async () => {
  expect(await apply(cilium('10.244.0.0/16', { encapsulation: 'none', mtu: 1400 }))).toContain('cilium is applied');
  const { data } = await admin.request('GET', '/api/v1/namespaces/kube-system/configmaps/cilium-config');
  expect(data.data).toMatchObject({
    ipam: 'kubernetes',
    'routing-mode': 'native',
    'ipv4-native-routing-cidr': '10.244.0.0/16',
    mtu: '1400',
  });
  const { data: agents } = await admin.request('GET', '/apis/apps/v1/namespaces/kube-system/daemonsets/cilium');
  expect(agents.spec.template.spec.containers[0].image).toBe('quay.io/cilium/cilium:v1.20.2');
});

test('vSphere’s cloud provider is accepted, without the examples of an account in its manifest', async () => {
  expect(await apply(cloudProvider(KUBERNETES_VERSION))).toContain('vsphere-cloud-provider is applied');
  const path = '/apis/apps/v1/namespaces/kube-system/daemonsets/vsphere-cloud-controller-manager';
  const { data } = await admin.request('GET', path);
  expect(data.spec.template.spec.containers[0].image).toMatch(/cloud-provider-vsphere:v1\.36\./);
  const secret = '/api/v1/namespaces/kube-system/secrets/vsphere-cloud-secret';
  const { status, data: found } = await admin.request('GET', secret, undefined, [404]);
  // The operation of another test may have made ours.
  if (status === 200) expect(found.metadata.labels['app.kubernetes.io/managed-by']).toBe('slipway');
});

test.skipIf(!SLIPWAY_TEST_MIRROR)(
  'every add-on of a mirror is accepted, with our settings, and again without a change',
  async () => {
    const all = [calico('10.244.0.0/16', { mtu: 1400 }), cloudProvider(KUBERNETES_VERSION), storageDriver(1)];
    const said = await apply(...all);
    for (const name of ['calico', 'vsphere-cloud-provider', 'vsphere-csi'])
      expect(said).toContain(`${name} is applied`);
    const agents = '/apis/apps/v1/namespaces/kube-system/daemonsets/calico-node';
    const before = (await admin.request('GET', agents)).data;
    const { env } = before.spec.template.spec.containers[0];
    expect(env).toContainEqual({ name: 'IP_AUTODETECTION_METHOD', value: 'kubernetes-internal-ip' });
    expect(env).toContainEqual({ name: 'CALICO_IPV4POOL_CIDR', value: '10.244.0.0/16' });
    const controllers = '/apis/apps/v1/namespaces/vmware-system-csi/deployments/vsphere-csi-controller';
    expect((await admin.request('GET', controllers)).data.spec.replicas).toBe(1);
    await admin.request('DELETE', '/api/v1/namespaces/kube-system/configmaps/slipway-addons');
    expect(await apply(...all)).toContain('calico is applied');
    expect((await admin.request('GET', agents)).data.metadata.generation).toBe(before.metadata.generation);
    expect(await apply(calico('10.244.0.0/16', { encapsulation: 'ipip' }))).toContain('calico is applied');
  },
);
