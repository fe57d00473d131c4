import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oidc } from '../../../lib/cluster/oidc-spec.ts';
import { parse } from '../../../lib/parse.ts';
import { createClusterCertificates } from '../../../lib/pki/index.ts';

const good = { enabled: true, issuerUrl: 'https://sso.example.com/realms/lab', clientId: 'kubernetes' };
const { rootCaCert, saKey } = await createClusterCertificates({ name: 'issuer' });

test('an issuer is filled in with defaults, and may be switched off', () => {
  expect(parse(oidc, good, 'oidc')).toEqual({
    ...good,
    usernameClaim: 'sub',
    usernamePrefix: 'oidc:',
    groupsClaim: 'groups',
    groupsPrefix: 'oidc:',
    admins: [],
  });
  expect(parse(oidc, { enabled: false }, 'oidc')).toEqual({ enabled: false });
  expect(parse(oidc, { ...good, ca: rootCaCert + rootCaCert }, 'oidc')).toMatchObject({ ca: rootCaCert + rootCaCert });
});

describe('an issuer is refused, naming the field,', () => {
  test.each<[string, object, RegExp]>([
    ['without its URL', { enabled: true, clientId: 'x' }, /^issuerUrl: /],
    ['over http', { ...good, issuerUrl: 'http://sso.lab' }, /^issuerUrl: an https URL/],
    ['with a query', { ...good, issuerUrl: 'https://sso.lab?a=b' }, /^issuerUrl: without query/],
    ['without a client', { ...good, clientId: '' }, /^clientId: /],
    ['with an authority that is none', { ...good, ca: 'x' }, /^ca: certificates in PEM/],
    [
      'with a key beside its authority',
      { ...good, ca: rootCaCert + saKey },
      /^ca: certificates in PEM, and nothing else/,
    ],
    ['without a prefix', { ...good, groupsPrefix: '' }, /^groupsPrefix: /],
    ['with the prefix that means none', { ...good, usernamePrefix: '-' }, /^usernamePrefix: /],
    ['that is switched off and described', { ...good, enabled: false }, /[Uu]nrecognized|issuerUrl/],
  ])('%s', (_, description, message) => {
    expect(() => parse(oidc, description, 'oidc')).toThrow(message);
  });
});

test('no issuer can name a group that Kubernetes or Slipway has a meaning for', () => {
  const reserved = ['system:masters', 'system:nodes', 'slipway:admin', 'kubeadm:cluster-admins', 'bootstrap:x'];
  // Whatever part of such a name is given as the prefix, the issuer could say the rest.
  const split = fc.constantFrom(...reserved).chain((name) => fc.nat(name.length).map((at) => name.slice(0, at)));
  fc.assert(
    fc.property(
      fc.oneof(
        split,
        split.map((text) => text.toUpperCase()),
      ),
      (groupsPrefix) => {
        expect(() => parse(oidc, { ...good, groupsPrefix }, 'oidc')).toThrow(/^groupsPrefix/);
      },
    ),
  );
});
