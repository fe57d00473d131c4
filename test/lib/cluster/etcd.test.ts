import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyRange, outdatedMasters } from '../../../lib/cluster/etcd.ts';
import { normalEndpoint } from '../../../lib/cluster/etcd-spec.ts';
import type { NodeStatus } from '../../../lib/cluster/node.ts';
import { type PlanNode, plan } from '../../../lib/cluster/plan.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';

const pool = (name: string, roles: string[], size: number) => ({ name, roles, size, vcpu: 2, ram: 4096 });
const own = { endpoints: ['https://10.0.0.5:2379'], secretName: 'own' };
const kubernetes = (etcd: object | undefined, masters = 2) => ({
  name: 'shop',
  secretName: 'lab',
  etcd,
  nodepools: [pool('masters', ['master'], masters), pool('workers', ['worker'], 1)],
});
const store = (...nodepools: object[]) => ({ name: 'store', secretName: 'lab', nodepools });
const read = (description: object) => parse(clusterSpec, description, 'cluster');

describe('a cluster whose etcd is elsewhere', () => {
  test.each([1, 2, 4, 9])('may have %d API servers', (masters) => {
    expect(read(kubernetes(own, masters)).etcd).toEqual(own);
    expect(read(kubernetes({ clusterName: 'store', prefix: '/shop' }, masters)).etcd?.prefix).toBe('/shop');
  });

  const refused: [string, object, RegExp][] = [
    ['no API server', kubernetes(own, 0), /^nodepools\[0\]\.size: .* 1 to 9 .* not 0/],
    ['ten', kubernetes(own, 10), /^nodepools\[0\]\.size: .* 1 to 9 .* not 10/],
    ['two masters and etcd on them', kubernetes(undefined), /^nodepools\[0\]\.size: .*stacked etcd.* not 2/],
    ['neither endpoints nor a cluster', kubernetes({}), /^etcd\.endpoints: endpoints of .*or clusterName.*one of them/],
    ['both', kubernetes({ ...own, clusterId: 7 }), /^etcd\.endpoints: .*one of them/],
    ['a cluster twice', kubernetes({ clusterName: 'a', clusterId: 7 }), /^etcd\.clusterName: .*not both/],
    [
      'a secret for a cluster',
      kubernetes({ clusterName: 'a', secretId: 'x' }),
      /^etcd\.secretName: only with endpoints/,
    ],
    ['endpoints without a secret', kubernetes({ endpoints: own.endpoints }), /^etcd\.secretName: name the secret/],
    ['http', kubernetes({ ...own, endpoints: ['http://10.0.0.5:2379'] }), /^etcd\.endpoints\[0\]: an https URL/],
    ['a path', kubernetes({ ...own, endpoints: ['https://10.0.0.5/etcd'] }), /^etcd\.endpoints\[0\]: an https URL/],
    ['a comma', kubernetes({ ...own, endpoints: ['https://a,https://b'] }), /^etcd\.endpoints\[0\]: /],
    ['one twice', kubernetes({ ...own, endpoints: ['https://A', 'https://a:2379'] }), /^etcd\.endpoints: .*twice/],
    ['a nested prefix', kubernetes({ ...own, prefix: '/a/b' }), /^etcd\.prefix: one path segment/],
    ['no prefix', kubernetes({ ...own, prefix: '/' }), /^etcd\.prefix: one path segment/],
    [
      'pke',
      { ...kubernetes(own, 1), distribution: 'pke', kubernetes: { version: '1.23.17' } },
      /distribution: pke has etcd on/,
    ],
    ['a quoted prefix', kubernetes({ ...own, prefix: "/a'" }), /^etcd\.prefix: one path segment/],
  ];
  test.each(refused)('with %s is refused, naming the field', (_, description, message) => {
    expect(() => read(description)).toThrow(message);
  });
});

describe('an etcd cluster', () => {
  test.each([3, 5])('may have %d members', (size) => {
    expect(read(store(pool('etcd', ['etcd'], size))).nodepools).toHaveLength(1);
  });

  const refused: [string, object, RegExp][] = [
    ['4 members', store(pool('etcd', ['etcd'], 4)), /^nodepools\[0\]\.size: .* 3 or 5 .* not 4/],
    ['1 member', store(pool('etcd', ['etcd'], 1)), /^nodepools\[0\]\.size: .* 3 or 5 .* not 1/],
    [
      'a master beside it',
      store(pool('etcd', ['etcd'], 3), pool('m', ['master'], 1)),
      /^nodepools\[1\]\.roles: etcd is a cluster of its own/,
    ],
    [
      'workers on it',
      store(pool('etcd', ['etcd', 'worker'], 3)),
      /^nodepools\[0\]\.roles: etcd is a cluster of its own/,
    ],
    ['an etcd elsewhere', { ...store(pool('etcd', ['etcd'], 3)), etcd: own }, /^etcd: .*no API server/],
    ['an endpoint', { ...store(pool('etcd', ['etcd'], 3)), endpoint: { host: 'a.b' } }, /^endpoint: .*no API server/],
  ];
  test.each(refused)('with %s is refused, naming the field', (_, description, message) => {
    expect(() => read(description)).toThrow(message);
  });
});

test('an endpoint is known whichever way it is written', () => {
  expect(['https://A.lab', 'https://a.lab:2379/', 'HTTPS://a.lab:2379'].map(normalEndpoint)).toEqual(
    Array(3).fill('https://a.lab:2379'),
  );
  expect(normalEndpoint('https://a.lab:443')).toBe('https://a.lab:443');
});

test('ranges of two prefixes never meet, and hold each key below their own', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,8}[A-Za-z0-9])?$/);
  fc.assert(
    fc.property(name, name, fc.string({ unit: 'grapheme-ascii' }), (one, other, rest) => {
      const range = keyRange({ prefix: `/${one}` });
      const holds = (key: string) => key >= range.key && key < range.end;
      expect(holds(`/${one}/${rest}`)).toBe(true);
      expect(holds(`/${other}/${rest}`)).toBe(one === other);
    }),
  );
});

describe('the plan', () => {
  const node = (name: string, role: PlanNode['role'], status: NodeStatus = 'ready'): PlanNode => {
    const ordinal = Number(name.slice(-1));
    return { name, pool: name.slice(0, 1), role, ordinal, status, joined: true };
  };
  const etcd = [{ name: 'e', roles: ['etcd' as const], size: 3 }];
  const masters = (size: number) => [{ name: 'm', roles: ['master' as const], size }];

  test('replaces members of an etcd cluster one after another, and none without a majority', () => {
    const all = [node('e1', 'etcd'), node('e2', 'etcd'), node('e3', 'etcd', 'lost')];
    expect(plan(etcd, all)).toEqual({ action: 'remove', nodes: ['e3'] });
    expect(plan(etcd, all.slice(0, 2))).toEqual({
      action: 'launch',
      nodes: [{ pool: 'e', role: 'etcd', ordinal: 3, placement: undefined }],
    });
    const two = [node('e1', 'etcd'), node('e2', 'etcd', 'lost'), node('e3', 'etcd', 'lost')];
    expect(plan(etcd, two)).toMatchObject({ action: 'blocked', reason: expect.stringContaining('quorum') });
  });

  test('takes five members down to three one at a time', () => {
    const all = [1, 2, 3, 4, 5].map((ordinal) => node(`e${ordinal}`, 'etcd'));
    expect(plan(etcd, all)).toEqual({ action: 'remove', nodes: ['e5'] });
    expect(plan(etcd, all.slice(0, 4))).toEqual({ action: 'remove', nodes: ['e4'] });
  });

  test('replaces API servers whose etcd is elsewhere while one is left, and with etcd on them only by a majority', () => {
    const all = [node('m1', 'master'), node('m2', 'master', 'lost')];
    expect(plan(masters(2), all, 'external')).toEqual({ action: 'remove', nodes: ['m2'] });
    expect(plan(masters(2), all)).toMatchObject({ action: 'blocked' });
    const none = all.map((each) => ({ ...each, status: 'lost' as const }));
    expect(plan(masters(2), none, 'external')).toMatchObject({ action: 'blocked', reason: /API server/ });
  });

  test('scales API servers down to one, each by itself', () => {
    const all = [1, 2, 3, 4].map((ordinal) => node(`m${ordinal}`, 'master'));
    expect(plan(masters(1), all, 'external')).toEqual({ action: 'remove', nodes: ['m4'] });
    expect(plan(masters(1), all.slice(0, 2), 'external')).toEqual({ action: 'remove', nodes: ['m2'] });
  });
});

test('API servers that know no majority of the members are told of', () => {
  const master = (name: string, etcdAddresses: string[], status: NodeStatus = 'ready') =>
    ({ name, role: 'master', status, etcdAddresses }) as const;
  const members = ['1', '2', '3'].map((address) => ({ name: `e${address}`, address }));
  const all = [
    master('knows-all', ['1', '2', '3']),
    master('knows-two', ['1', '2', '9']),
    master('knows-one', ['1', '8', '9']),
    master('gone', ['8', '9'], 'removing'),
  ];
  expect(outdatedMasters(all, members)).toEqual(['knows-one']);
});
