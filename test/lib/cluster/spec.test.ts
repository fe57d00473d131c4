import { describe, expect, test } from 'vitest';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';

const pool = (name: string, role: string, size: number) => ({ name, roles: [role], size, vcpu: 2, ram: 4096 });
const good = {
  name: 'demo',
  secretName: 'lab',
  nodepools: [pool('masters', 'master', 3), pool('workers', 'worker', 2)],
};
const at = (endpoint: object) => ({ ...good, endpoint });
const shared = (size: number) => ({
  ...good,
  nodepools: [{ ...pool('all', 'master', size), roles: ['master', 'worker'] }],
});
const withPke = (more = {}, version = '1.23.17') => ({
  ...good,
  distribution: 'pke',
  endpoint: { address: '10.0.0.9' },
  kubernetes: { version },
  ...more,
});
const refused: [string, object, RegExp][] = [
  ['a distribution of another', { ...good, distribution: 'k3s' }, /^distribution: /],
  ['a Kubernetes that our kubeadm is too new for', { ...good, kubernetes: { version: '1.30.9' } }, /1\.31 or newer/],
  [
    'a Kubernetes that pke is too old for',
    withPke({}, '1.36.1'),
    /^kubernetes\.version: pke installs .*1\.22 and 1\.23/,
  ],
  ['one that pke knows and we can not drain', withPke({}, '1.21.14'), /^kubernetes\.version: pke installs/],
  ['masters of pke without an endpoint', withPke({ endpoint: undefined }), /^endpoint: pke joins further/],
  ['pke behind a proxy', withPke({ proxy: { https: { host: 'proxy.lab', port: 3128 } } }), /^proxy: pke reaches/],
  [
    'pke and an issuer',
    withPke({
      kubernetes: { version: '1.23.17', oidc: { enabled: true, issuerUrl: 'https://sso.lab', clientId: 'kubernetes' } },
    }),
    /^kubernetes\.oidc: pke asks for claims of its own/,
  ],
  ['where pke is, for kubeadm', { ...good, pke: { url: 'https://files.lab/pke' } }, /^pke: only with distribution/],
  ['pke in clear without its sum', withPke({ pke: { url: 'http://files.lab/pke' } }), /^pke\.sha256: /],
  ['pke with a password', withPke({ pke: { url: 'https://eve:x@files.lab/pke' } }), /^pke\.url: no user name/],
  ['a sum that is none', withPke({ pke: { url: 'https://files.lab/pke', sha256: 'abc' } }), /^pke\.sha256: a SHA-256/],
  ['a name with capitals', { ...good, name: 'Demo' }, /^name: only lower-case/],
  ['a name of 41 characters', { ...good, name: 'a'.repeat(41) }, /^name: at most 40 characters/],
  [
    'no masters',
    { ...good, nodepools: [pool('masters', 'master', 0)] },
    /^nodepools\[0\]\.size: .* 1, 3 or 5 .* not 0/,
  ],
  ['two masters', { ...good, nodepools: [pool('masters', 'master', 2)] }, /^nodepools\[0\]\.size: .* not 2/],
  [
    'a pool that is too large',
    { ...good, nodepools: [...good.nodepools, pool('more', 'worker', 1000)] },
    /^nodepools\[2\]\.size: at most 999/,
  ],
  ['an unknown role', { ...good, nodepools: [pool('masters', 'king', 1)] }, /^nodepools\[0\]\.roles\[0\]: /],
  ['a misspelt field', { ...good, nodePools: [] }, /nodePools/],
  [
    'two pools of a name',
    { ...good, nodepools: [pool('a', 'master', 1), pool('a', 'worker', 1)] },
    /two pools are named 'a'/,
  ],
  ['no connection', { ...good, secretName: undefined }, /^secretName: /],
  [
    'an issuer without its URL',
    { ...good, kubernetes: { oidc: { enabled: true } } },
    /^kubernetes\.oidc\.issuerUrl: an https URL/,
  ],
  ['an endpoint of two kinds', at({ address: '10.0.0.9', host: 'api.lab' }), /^endpoint\.address: .*one of them/],
  ['an endpoint of no kind', at({ port: 6443 }), /^endpoint\.address: address .*or host/],
  ['a name for a virtual IP', at({ address: 'api.lab' }), /^endpoint\.address: an IPv4 address/],
  ['a virtual IP at another port', at({ address: '10.0.0.9', port: 443 }), /^endpoint\.port: .*listen on 6443/],
  [
    'a virtual router without a virtual IP',
    at({ host: 'api.lab', virtualRouterId: 9 }),
    /^endpoint\.virtualRouterId: /,
  ],
  [
    'a virtual router id that VRRP has not',
    at({ address: '10.0.0.9', virtualRouterId: 256 }),
    /virtualRouterId: from 1/,
  ],
  ['a virtual IP among the pods', at({ address: '10.244.1.1' }), /^endpoint\.address: 10\.244\.1\.1 is in .*podCIDR/],
  [
    'a load balancer among the services',
    at({ host: '10.96.0.1' }),
    /^endpoint\.host: 10\.96\.0\.1 is in .*serviceCIDR/,
  ],
  ['a proxy for nothing', { ...good, proxy: { exceptions: [] } }, /^proxy\.https: at least one/],
  ['a proxy without a port', { ...good, proxy: { http: { host: 'proxy.lab' } } }, /^proxy\.http\.port: /],
  [
    'an exception that is none',
    { ...good, proxy: { http: { host: 'proxy.lab', port: 3128 }, exceptions: ['*.lab'] } },
    /^proxy\.exceptions\[0\]: a host name, a domain such as \.example\.com/,
  ],
  [
    'a proxy with two secrets',
    { ...good, proxy: { http: { host: 'proxy.lab', port: 3128, secretId: 'a', secretName: 'b' } } },
    /^proxy\.http\.secretName: .*not both/,
  ],
  [
    'a key that kubeadm does not make',
    { ...good, kubernetes: { certificates: { algorithm: 'ed25519' } } },
    /^kubernetes\.certificates\.algorithm: .*"ecdsa-p256"\|"rsa-2048"\|"rsa-4096"/,
  ],
  [
    'authorities for a century',
    { ...good, kubernetes: { certificates: { validityYears: 100 } } },
    /^kubernetes\.certificates\.validityYears: from 1 to 30 years/,
  ],
  ['five masters that run workloads', shared(5), /^nodepools\[0\]\.size: .* 1 or 3 nodes, not 5/],
  ['two masters that run workloads', shared(2), /^nodepools\[0\]\.size: .* 1 or 3 nodes, not 2/],
  [
    'masters of the pipeline system',
    { ...good, nodepools: [{ ...pool('m', 'master', 1), roles: ['master', 'pipeline-system'] }] },
    /^nodepools\[0\]\.roles: .*master alone, or master and worker/,
  ],
];

describe('a cluster description', () => {
  test('is filled in with defaults', () => {
    const spec = parse(clusterSpec, good, 'cluster');
    expect(spec.kubernetes).toMatchObject({ version: '1.36.1', network: { podCIDR: '10.244.0.0/16' } });
    const certificates = { algorithm: 'ecdsa-p256', validityYears: 10, keepRootKey: false };
    expect(spec.kubernetes.certificates).toEqual(certificates);
    expect(spec.nodepools[0]?.labels).toEqual({});
  });

  test.each([{ address: '10.0.0.9' }, { host: 'api.lab' }, { host: '10.0.0.9', port: 443 }])(
    'may have the endpoint %j',
    (endpoint) => {
      expect(parse(clusterSpec, at(endpoint), 'cluster').endpoint).toEqual({ port: 6443, ...endpoint });
    },
  );

  test.each([1, 3])('may have %d masters that run workloads', (size) => {
    expect(parse(clusterSpec, shared(size), 'cluster').nodepools).toHaveLength(1);
  });

  test.each(refused)('with %s is refused, naming the field', (_, description, message) => {
    expect(() => parse(clusterSpec, description, 'cluster')).toThrow(message);
  });
});
