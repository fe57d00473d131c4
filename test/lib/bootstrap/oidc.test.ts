import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type NodeDescription, renderUserData } from '../../../lib/bootstrap/index.ts';

const oidc = {
  issuerUrl: 'https://sso.example.com',
  clientId: 'kubernetes',
  ca: 'the authority',
  usernameClaim: 'email',
  usernamePrefix: 'oidc:',
  groupsClaim: 'groups',
  groupsPrefix: 'oidc:',
  admins: ['platform', 'ops: night'],
};
const filesOf = (role: 'master' | 'worker', more = {}, kubernetesVersion = '1.36.1') => {
  const description: NodeDescription = {
    node: { name: 'demo-01', pool: 'all', role, labels: {} },
    cluster: {
      id: 1,
      organization: 1,
      name: 'demo',
      kubernetesVersion,
      serviceCIDR: '10.96.0.0/12',
      podCIDR: '10.244.0.0/16',
      oidc: { ...oidc, ...more },
    },
    apiUrl: 'https://api.test',
    token: 'the-token',
    ssh: { user: 'ops', keys: [] },
  };
  const { write_files } = parse(renderUserData(description));
  return new Map<string, string>(
    write_files.map(({ path, content }: { path: string; content: string }) => [path, content]),
  );
};
const flagsOf = (files: Map<string, string>) =>
  Object.fromEntries(
    parse(files.get('/etc/slipway/oidc.yaml') ?? '').map(({ name, value }: { name: string; value: string }) => [
      name,
      value,
    ]),
  );

test('every control-plane node is told the issuer and its authority, a worker neither', () => {
  const files = filesOf('master');
  expect(flagsOf(files)).toEqual({
    'oidc-issuer-url': oidc.issuerUrl,
    'oidc-client-id': oidc.clientId,
    'oidc-ca-file': '/etc/kubernetes/pki/oidc-ca.crt',
    'oidc-username-claim': 'email',
    'oidc-username-prefix': 'oidc:',
    'oidc-groups-claim': 'groups',
    'oidc-groups-prefix': 'oidc:',
    'oidc-signing-algs': 'RS256,RS384,RS512,ES256,ES384,ES512,PS256,PS384,PS512',
  });
  expect(files.get('/etc/slipway/oidc-ca.crt')).toBe('the authority');
  expect([...filesOf('worker').keys()].filter((path) => path.includes('oidc'))).toEqual([]);
  expect(filesOf('master', { ca: undefined }).get('/etc/slipway/oidc-ca.crt')).toBeUndefined();
  expect(flagsOf(filesOf('master', { ca: undefined }))).not.toHaveProperty('oidc-ca-file');
});

test('values reach kubeadm unchanged, whatever they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (clientId) => {
      expect(flagsOf(filesOf('master', { clientId }))['oidc-client-id']).toBe(clientId);
    }),
  );
});

test('groups of administrators are bound with the prefix', () => {
  const bound = (files: Map<string, string>) =>
    JSON.parse(files.get('/etc/slipway/rbac.yaml') ?? '').items.find(
      ({ metadata }: { metadata: { name: string } }) => metadata.name === 'slipway:oidc-admins',
    );
  expect(bound(filesOf('master'))).toMatchObject({
    roleRef: { name: 'cluster-admin' },
    subjects: [{ name: 'oidc:platform' }, { name: 'oidc:ops: night' }],
  });
  expect(bound(filesOf('master', { admins: [] }))).toBeUndefined();
});

test('what an API server does not know yet is not asked of it', () => {
  const kinds = (version: string): Set<string> =>
    new Set(
      JSON.parse(filesOf('master', {}, version).get('/etc/slipway/rbac.yaml') ?? '').items.map(
        ({ kind }: { kind: string }) => kind,
      ),
    );
  expect(kinds('1.31.0')).toContain('ValidatingAdmissionPolicy');
  expect([...kinds('1.23.17')].filter((kind) => kind.startsWith('Validating'))).toEqual([]);
});
