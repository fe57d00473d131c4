import { describe, expect, test } from 'vitest';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';

const pool = (name: string, role: string, size: number) => ({ name, roles: [role], size, vcpu: 2, ram: 4096 });
const good = {
  name: 'demo',
  secretName: 'lab',
  nodepools: [pool('masters', 'master', 3), pool('workers', 'worker', 2)],
};
const refused: [string, object, RegExp][] = [
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
    'what is not supported',
    { ...good, loadBalancerIPRange: '10.0.0.1-10.0.0.9' },
    /^loadBalancerIPRange: .*not supported/,
  ],
];

describe('a cluster description', () => {
  test('is filled in with defaults', () => {
    const spec = parse(clusterSpec, good, 'cluster');
    expect(spec.kubernetes).toMatchObject({ version: '1.36.1', network: { podCIDR: '10.244.0.0/16' } });
    expect(spec.nodepools[0]?.labels).toEqual({});
  });

  test.each(refused)('with %s is refused, naming the field', (_, description, message) => {
    expect(() => parse(clusterSpec, description, 'cluster')).toThrow(message);
  });
});
