import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type Addon, CATALOGUE } from '../../../lib/addons/catalogue.ts';
import { mirrorPath, type NodeAddon, needsMirror, nodeFiles, wantedAddons } from '../../../lib/addons/index.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';

const pool = (name: string, role: string, size: number) => ({ name, roles: [role], size, vcpu: 2, ram: 2048 });
const spec = (more: object) =>
  parse(
    clusterSpec,
    { name: 'demo', secretName: 'lab', nodepools: [pool('masters', 'master', 3)], ...more },
    'cluster',
  );
const names = (more: object) => wantedAddons(spec(more)).map(({ addon }) => addon.name);
const network = (network: object) => ({ kubernetes: { network } });
const only = (more: object) => wantedAddons(spec(more))[0] as NodeAddon;
const patch = ({ patches }: NodeAddon, kind: string) => {
  const found = patches.find(({ target }) => target.kind === kind)?.patch;
  return found && JSON.parse(found);
};

test('every file is pinned by a whole SHA-256, and by a version that is a tag', () => {
  for (const { version, files } of Object.values<Addon>(CATALOGUE)) {
    expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
    for (const { name, sha256, url, chart } of files) {
      expect(sha256, name).toMatch(/^[0-9a-f]{64}$/);
      if (url) expect(new URL(url).pathname, name).toContain(`/${version}/`);
      expect(Boolean(url) || Boolean(chart), name).toBe(true);
    }
  }
});

test('where they are below a mirror is one path a file', () => {
  const paths = Object.values(CATALOGUE).flatMap((addon) => addon.files.map((file) => mirrorPath(addon, file)));
  expect(new Set(paths).size).toBe(paths.length);
  expect(mirrorPath(CATALOGUE.metallb, CATALOGUE.metallb.files[0])).toBe('metallb/v0.16.2/metallb-native.yaml');
});

test('a cluster has a network unless it says otherwise, and MetalLB only with addresses for it', () => {
  expect(names({})).toContain('calico');
  expect(names({})).not.toContain('metallb');
  expect(names(network({ provider: 'none' }))).not.toContain('calico');
  expect(names({ loadBalancerIPRange: '10.0.0.20-10.0.0.60' }).at(-1)).toBe('metallb');
});

describe('Calico', () => {
  const variables = (addon: NodeAddon) => {
    const [{ env }] = patch(addon, 'DaemonSet').spec.template.spec.containers;
    return Object.fromEntries(env.map(({ name, value }: { name: string; value: string }) => [name, value]));
  };

  test('has the cluster’s range of pods, and takes nodes’ addresses from Kubernetes, not the virtual IP', () => {
    const addon = only(network({ podCIDR: '10.50.0.0/16' }));
    expect(variables(addon)).toEqual({
      IP_AUTODETECTION_METHOD: 'kubernetes-internal-ip',
      CALICO_IPV4POOL_CIDR: '10.50.0.0/16',
      CALICO_IPV4POOL_IPIP: 'Never',
      CALICO_IPV4POOL_VXLAN: 'Always',
    });
    expect(patch(addon, 'ConfigMap')).toBeUndefined();
  });

  test.each([
    ['vxlan', 'calico-vxlan.yaml', 'Never', 'Always'],
    ['ipip', 'calico.yaml', 'Always', 'Never'],
    ['none', 'calico.yaml', 'Never', 'Never'],
  ])('with %s has that manifest and pool', (encapsulation, file, ipip, vxlan) => {
    const addon = only(network({ providerConfig: { encapsulation, mtu: 1400 } }));
    expect(addon.addon.files.map(({ name }) => name)).toEqual([file]);
    expect(variables(addon)).toMatchObject({ CALICO_IPV4POOL_IPIP: ipip, CALICO_IPV4POOL_VXLAN: vxlan });
    expect(patch(addon, 'ConfigMap').data).toEqual({ veth_mtu: '1400' });
  });
});

test.each([
  [undefined, { 'routing-mode': 'tunnel', 'tunnel-protocol': 'vxlan' }],
  ['geneve', { 'routing-mode': 'tunnel', 'tunnel-protocol': 'geneve' }],
  [
    'none',
    { 'routing-mode': 'native', 'auto-direct-node-routes': 'true', 'ipv4-native-routing-cidr': '10.244.0.0/16' },
  ],
])('Cilium with encapsulation %s', (encapsulation, data) => {
  const addon = only(network({ provider: 'cilium', providerConfig: { encapsulation } }));
  expect([addon.addon.name, patch(addon, 'ConfigMap').data]).toEqual(['cilium', data]);
});

test('Cilium alone needs a mirror: no public source has it as a manifest', () => {
  expect(needsMirror(spec(network({ provider: 'cilium' })))).toBe('cilium');
  expect(needsMirror(spec({ loadBalancerIPRange: '10.0.0.7' }))).toBeUndefined();
});

test('MetalLB’s own checks hold nobody up while nothing of it runs yet', () => {
  const { patches } = wantedAddons(spec({ loadBalancerIPRange: '10.0.0.7' })).at(-1) as NodeAddon;
  const { webhooks } = JSON.parse(patches[0]?.patch as string);
  expect(webhooks).toHaveLength(6);
  for (const webhook of webhooks) expect(webhook).toMatchObject({ failurePolicy: 'Ignore', timeoutSeconds: 1 });
});

test('MetalLB has one pool with the ranges, which it tells by layer 2', () => {
  const { resources } = wantedAddons(spec({ loadBalancerIPRange: ['10.0.0.20-10.0.0.60', '10.1.0.7'] })).at(
    -1,
  ) as NodeAddon;
  expect(resources).toMatchObject([
    { kind: 'IPAddressPool', spec: { addresses: ['10.0.0.20-10.0.0.60', '10.1.0.7/32'] } },
    { kind: 'L2Advertisement', spec: { ipAddressPools: ['slipway'] } },
  ]);
});

test('a node’s files name each manifest by checksum, path and source, and are YAML', () => {
  const files = nodeFiles(only({}), mirrorPath);
  expect(files.files).toMatch(/^[0-9a-f]{64} calico\/v[\d.]+\/calico-vxlan\.yaml https:\/\/\S+\n$/);
  expect(parseYaml(files['kustomization.yaml'] as string).resources).toEqual(['calico-vxlan.yaml']);
  expect(files['resources.yaml']).toBeUndefined();
});

describe('settings of a network provider that nothing acts on are refused', () => {
  test.each([
    [{ provider: 'flannel' }, /network\.provider: calico, cilium or none/],
    [{ providerConfig: { typha: true } }, /providerConfig: .*typha/],
    [{ providerConfig: { encapsulation: 'geneve' } }, /providerConfig\.encapsulation: calico knows vxlan, ipip, none/],
    [{ provider: 'cilium', providerConfig: { encapsulation: 'ipip' } }, /cilium knows vxlan, geneve, none/],
    [{ providerConfig: { mtu: 100 } }, /providerConfig\.mtu: /],
    [{ provider: 'none', providerConfig: { mtu: 1400 } }, /providerConfig: provider none has none/],
  ])('%j', (given, message) => {
    expect(() => spec(network(given))).toThrow(message);
  });
});

test.each(['ftp://mirror/x', 'mirror/x', 'https://eve:secret@mirror/x', 'https://mirror/x?token=1'])(
  '%s is no mirror',
  (mirror) => {
    expect(() => spec({ addons: { mirror } })).toThrow(/^addons\.mirror: /);
  },
);
