import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressesOf,
  formatAddress,
  formatRange,
  networkRange,
  overlap,
  parseRange,
} from '../../../lib/cluster/address-range.ts';
import { isLoadBalancers, loadBalancerIssues, metalLBRange } from '../../../lib/cluster/load-balancer.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';

const good = {
  name: 'demo',
  secretName: 'lab',
  endpoint: { address: '10.0.0.100' },
  nodepools: [{ name: 'masters', roles: ['master'], size: 1, vcpu: 2, ram: 2048 }],
};
const ranges = (loadBalancerIPRange: unknown, more = {}) =>
  parse(clusterSpec, { ...good, ...more, loadBalancerIPRange }, 'cluster').loadBalancerIPRange;

test.each([
  ['10.0.0.20-10.0.0.60', ['10.0.0.20-10.0.0.60']],
  ['10.0.1.0/28', ['10.0.1.0/28']],
  ['10.0.1.7', ['10.0.1.7']],
  [
    ['10.0.1.7', '10.0.2.0/24'],
    ['10.0.1.7', '10.0.2.0/24'],
  ],
  [undefined, undefined],
])('%j is read', (given, read) => {
  expect(ranges(given)).toEqual(read);
});

describe('is refused, with the field', () => {
  test.each<[string, unknown, RegExp, object?]>([
    ['what is no address', '10.0.0.300', /^loadBalancerIPRange\[0\]: '10\.0\.0\.300' is no range/],
    ['a range that ends before it begins', '10.0.0.9-10.0.0.1', /^loadBalancerIPRange\[0\]: .*ends before/],
    ['a network that does not begin at itself', ['10.0.0.5/24'], /^loadBalancerIPRange\[0\]: .*10\.0\.0\.0\/24 does/],
    ['IPv6', 'fd00::1', /^loadBalancerIPRange\[0\]: /],
    ['a number', 7, /^loadBalancerIPRange: a range of IPv4 addresses/],
    ['an empty list', [], /^loadBalancerIPRange: at least one/],
    [
      'the virtual IP',
      '10.0.0.90-10.0.0.110',
      /^loadBalancerIPRange\[0\]: .* overlaps with the endpoint 10\.0\.0\.100$/,
    ],
    ['the load balancer of one’s own', '10.0.0.0/24', /the endpoint 10\.0\.0\.5$/, { endpoint: { host: '10.0.0.5' } }],
    ['addresses of pods', '10.244.7.0/24', /^loadBalancerIPRange\[0\]: .* overlaps with the pod range 10\.244\.0\.0-/],
    ['addresses of services', '10.96.0.0/24', /overlaps with the service range 10\.96\.0\.0-10\.111\.255\.255$/],
    [
      'itself',
      ['10.1.0.0/24', '10.2.0.1', '10.1.0.9'],
      /^loadBalancerIPRange\[2\]: 10\.1\.0\.9 overlaps with 10\.1\.0\.0/,
    ],
  ])('%s', (_, given, message, more) => {
    expect(() => ranges(given, more)).toThrow(
      expect.objectContaining({ name: 'InvalidSpec', message: expect.stringMatching(message) }),
    );
  });

  test('a malformed range beside ranges that overlap: all are told', () => {
    expect(() => ranges(['x', '10.1.0.0/24', '10.1.0.1'])).toThrow(/IPRange\[0\]: .*IPRange\[2\]: /);
  });
});

const address = fc.integer({ min: 0, max: 0xffffffff });
const range = fc
  .tuple(address, fc.integer({ min: 0, max: 300 }))
  .map(([first, more]) => ({ first, last: Math.min(first + more, 0xffffffff) }));

test('an issue is told of exactly the ranges that share an address with one before, or with what is taken', () => {
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 6 }), range, (all, taken) => {
      const issues = loadBalancerIssues(all.map(formatRange), [['the pods', taken]]);
      const wrong = all.flatMap((each, index) =>
        overlap(each, taken) || all.slice(0, index).some((other) => overlap(each, other)) ? [index] : [],
      );
      expect([...new Set(issues.map(([index]) => index))]).toEqual(wrong);
    }),
  );
});

test('MetalLB is told the same addresses, as a network or as first and last', () => {
  fc.assert(
    fc.property(range, ({ first, last }) => {
      const told = metalLBRange(formatRange({ first, last }));
      expect(told).toMatch(/^[\d.]+(\/\d+|-[\d.]+)$/);
      expect(parseRange(told)).toEqual({ first, last });
    }),
  );
  expect(metalLBRange('10.0.0.1 - 10.0.0.9')).toBe('10.0.0.1-10.0.0.9');
});

test('an address is the load balancer’s exactly where a range has it', () => {
  fc.assert(
    fc.property(range, address, (one, other) => {
      const inside = [...addressesOf(one)].includes(other);
      expect(isLoadBalancers([formatRange(one)], formatAddress(other))).toBe(inside);
      expect(isLoadBalancers([formatRange(one)], formatAddress(one.last))).toBe(true);
    }),
  );
  expect(isLoadBalancers(undefined, '10.0.0.1')).toBe(false);
});

test('a network is read from any address in it', () => {
  expect(networkRange('10.100.3.4/12')).toEqual(parseRange('10.96.0.0-10.111.255.255'));
});
