import { describe, expect, test } from 'vitest';
import { cloudProviderFile } from '../../../lib/addons/catalogue.ts';
import { wantedAddons } from '../../../lib/addons/index.ts';
import { cloudProvider, storageDriver } from '../../../lib/addons/vsphere.ts';
import { type VSphereConfiguration, vsphereObjects } from '../../../lib/addons/vsphere-objects.ts';
import { accountWarning } from '../../../lib/cluster/account.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';

const pool = { name: 'masters', roles: ['master'], size: 3, vcpu: 2, ram: 2048 };
const spec = (more: object = {}) =>
  parse(clusterSpec, { name: 'demo', secretName: 'lab', nodepools: [pool], ...more }, 'cluster');

const PASSWORD = 'pa"ss\\word\nof two lines';
const configuration: VSphereConfiguration = {
  servers: [
    {
      ...{ host: 'vcenter.lab', port: 8443, user: 'storage@lab', password: PASSWORD },
      ...{ fingerprint: 'aabbcc', ca: '-----BEGIN CERTIFICATE-----', datacenters: ['dc1', '/folder/dc2'] },
    },
    { host: '10.0.0.9', port: 443, user: 'other', password: 'second', datacenters: [] },
  ],
  clusterId: 'slipway-test-7',
};
type Made = { data: Record<string, string>; parameters: object };
const made = (more: Partial<VSphereConfiguration> = {}) =>
  Object.fromEntries(
    vsphereObjects({ ...configuration, ...more }).map(({ path, object }) => [path.split('/').at(-1), object as Made]),
  ) as Record<string, Made>;
const decode = (data: Record<string, string>) =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));

test('a cluster has both unless it says otherwise, after its network and before MetalLB', () => {
  const names = (more: object) => wantedAddons(spec(more)).map(({ addon }) => addon.name);
  expect(names({ loadBalancerIPRange: '10.0.0.7' })).toEqual([
    'calico',
    'vsphere-cloud-provider',
    'vsphere-csi',
    'metallb',
  ]);
  expect(names({ kubernetes: { cloudProvider: 'none' } })).toEqual(['calico']);
});

test.each([
  ['1.31.9', '1.31'],
  ['1.36.1', '1.36'],
  ['1.37.0', '1.36'],
])('Kubernetes %s has the cloud provider for %s', (version, minor) => {
  expect(cloudProviderFile(version).name).toBe(`vsphere-cloud-controller-manager-${minor}.yaml`);
  expect(cloudProvider(version).addon.files).toHaveLength(1);
});

test('the examples of an account and a configuration in the manifest are left out', () => {
  expect(cloudProvider('1.36.1').patches.map(({ target, patch }) => [target.kind, JSON.parse(patch).$patch])).toEqual([
    ['Secret', 'delete'],
    ['ConfigMap', 'delete'],
  ]);
});

test.each([
  [1, 1],
  [3, 3],
  [5, 3],
])('with %i control-plane nodes the driver has %i controllers', (nodes, replicas) => {
  expect(JSON.parse(storageDriver(nodes).patches[0]?.patch as string).spec).toEqual({ replicas });
});

test('the accounts are in the two Secrets alone', () => {
  const objects = made();
  expect(decode(objects['vsphere-cloud-secret']?.data ?? {})).toEqual({
    'vcenter.lab.username': 'storage@lab',
    'vcenter.lab.password': PASSWORD,
    '10.0.0.9.username': 'other',
    '10.0.0.9.password': 'second',
  });
  for (const name of ['vsphere-cloud-config', 'slipway']) {
    expect(JSON.stringify(objects[name])).not.toMatch(/storage@lab|second|of two lines/);
  }
});

test('the cloud provider is told where the vCenters are, whom to trust, and which address is no node’s', () => {
  const { data } = made({ virtualIp: '10.0.0.100' })['vsphere-cloud-config'] as Made;
  expect(JSON.parse(data['vsphere.conf'] as string)).toEqual({
    global: { secretName: 'vsphere-cloud-secret', secretNamespace: 'kube-system' },
    vcenter: {
      'vcenter.lab': {
        ...{ server: 'vcenter.lab', port: 8443, datacenters: ['dc1', '/folder/dc2'] },
        ...{ thumbprint: 'AA:BB:CC', caFile: '/etc/cloud/ca-0.crt' },
      },
      '10.0.0.9': { server: '10.0.0.9', port: 443 },
    },
    nodes: {
      excludeInternalNetworkSubnetCidr: '10.0.0.100/32',
      excludeExternalNetworkSubnetCidr: '10.0.0.100/32',
    },
  });
  expect(data['ca-0.crt']).toBe('-----BEGIN CERTIFICATE-----');
  expect(JSON.parse((made()['vsphere-cloud-config'] as Made).data['vsphere.conf'] as string).nodes).toBeUndefined();
});

test('the storage driver’s configuration quotes what its reader would take for something else', () => {
  const { 'csi-vsphere.conf': config, ...files } = decode((made()['vsphere-config-secret'] as Made).data);
  expect(config).toBe(
    [
      '[Global]',
      'cluster-id = "slipway-test-7"',
      '[VirtualCenter "vcenter.lab"]',
      'user = "storage@lab"',
      'password = "pa\\"ss\\\\word\\nof two lines"',
      'port = "8443"',
      'datacenters = "dc1, /folder/dc2"',
      'insecure-flag = "false"',
      'thumbprint = "AA:BB:CC"',
      'ca-file = "/etc/cloud/ca-0.crt"',
      '[VirtualCenter "10.0.0.9"]',
      'user = "other"',
      'password = "second"',
      'port = "443"',
      'insecure-flag = "false"',
      '',
    ].join('\n'),
  );
  expect(files).toEqual({ 'ca-0.crt': '-----BEGIN CERTIFICATE-----' });
});

test.each([
  [{ storagePolicy: 'gold' }, { storagepolicyname: 'gold' }],
  [{ datastoreUrl: 'ds:///vmfs/volumes/1/' }, { datastoreurl: 'ds:///vmfs/volumes/1/' }],
  [{ storagePolicy: 'gold', datastoreUrl: 'ds:///vmfs/volumes/1/' }, { storagepolicyname: 'gold' }],
  [{}, {}],
])('volumes of the default class lie on %j', (given, parameters) => {
  expect(made(given).slipway?.parameters).toEqual(parameters);
});

describe('the storage account', () => {
  test('is told of where the connection’s own takes its place', () => {
    expect(accountWarning(spec())).toMatch(/no storage account of its own .*whose password becomes a Secret/);
    expect(accountWarning(spec({ storageSecretName: 'csi' }))).toBeUndefined();
    expect(accountWarning(spec({ kubernetes: { cloudProvider: 'none' } }))).toBeUndefined();
  });

  test.each([
    [{ storageSecretName: 'a', storageSecretId: 'b' }, /^storageSecretName: .*not both/],
    [{ storageSecretName: 'a', kubernetes: { cloudProvider: 'none' } }, /^storageSecretName: nothing uses it/],
  ])('%j is refused', (more, message) => {
    expect(() => spec(more)).toThrow(message);
  });
});
