import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressesOf, formatAddress, parseAddress, parseRange } from '../../../lib/cluster/address-range.ts';
import { type Addresses, addressWarnings, usableRanges } from '../../../lib/cluster/addresses.ts';
import { macAddressOf } from '../../../lib/cluster/mac-address.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';

const RANGE = { range: '10.0.0.20-10.0.0.29', prefix: 24, gateway: '10.0.0.1', nameservers: ['10.0.0.2'] };
const pool = (addresses: object | undefined, more = {}) => ({
  ...{ name: 'workers', roles: ['worker'], size: 3, vcpu: 2, ram: 2048, addresses },
  ...more,
});
const masters = { name: 'masters', roles: ['master'], size: 1, vcpu: 2, ram: 2048 };
const cluster = (pools: object[], more = {}) => ({
  name: 'a',
  secretName: 'lab',
  nodepools: [masters, ...pools],
  ...more,
});
const read = (...description: Parameters<typeof cluster>) => parse(clusterSpec, cluster(...description), 'cluster');

describe('the addresses of a pool', () => {
  test.each([
    ['a range with a prefix', RANGE, '10.0.0.20-10.0.0.29'],
    ['a network, but for its own address and the one for all', { range: '10.0.0.32/29' }, '10.0.0.33-10.0.0.38'],
    ['a part of a network', { range: '10.0.0.32/29', prefix: 24 }, '10.0.0.32-10.0.0.39'],
    ['the end of a network', { range: '10.0.0.250-10.0.0.255', prefix: 24 }, '10.0.0.250-10.0.0.254'],
  ])('may be %s', (_, addresses, usable) => {
    const value = read([pool(addresses)]).nodepools[1]?.addresses as Addresses;
    expect(usableRanges(value)).toEqual([parseRange(usable)]);
  });

  test.each([
    [{ ...RANGE, range: '10.0.0.20-10.0.0' }, /addresses\.range: .*no range of IPv4/],
    [{ ...RANGE, prefix: undefined }, /addresses\.prefix: the length of the network's prefix/],
    [{ range: '10.0.0.7' }, /addresses\.prefix: /],
    [{ range: '10.0.0.7/32' }, /addresses\.prefix: .*from 14 to 30 long, not 32/],
    [{ range: '10.0.0.0/8' }, /addresses\.prefix: .*from 14 to 30 long, not 8/],
    [
      { ...RANGE, range: ['10.0.0.20', '10.0.1.1-10.0.1.9'] },
      /addresses\.range: 10\.0\.1\.1-10\.0\.1\.9 is not in the network 10\.0\.0\.0\/24/,
    ],
    [
      { ...RANGE, range: ['10.0.0.20-10.0.0.30', '10.0.0.30-10.0.0.40'] },
      /addresses\.range: .* overlaps another range of the list/,
    ],
    [{ ...RANGE, range: '10.0.0.255', prefix: 24 }, /addresses\.range: it has no address for a node/],
    [
      { ...RANGE, gateway: '10.0.1.1' },
      /addresses\.gateway: 10\.0\.1\.1 is no address of a machine in the network 10\.0\.0\.0\/24/,
    ],
    [{ ...RANGE, gateway: '10.0.0.255' }, /addresses\.gateway: .* is no address of a machine/],
    [{ ...RANGE, gateway: '10.0.0.25' }, /addresses\.gateway: 10\.0\.0\.25 is in the range/],
    [{ ...RANGE, gateway: 'gw' }, /addresses\.gateway: an IPv4 address/],
    [{ ...RANGE, nameservers: ['10.0.0.22'] }, /addresses\.nameservers: 10\.0\.0\.22 is in the range/],
    [{ ...RANGE, range: '10.0.0.20-10.0.0.21' }, /addresses\.range: 2 addresses for 3 nodes/],
    [
      { ...RANGE, range: '10.244.0.0/24', gateway: undefined, nameservers: [] },
      /addresses\.range: it overlaps podCIDR 10\.244\.0\.0\/16/,
    ],
    [
      { ...RANGE, range: '10.96.5.0/24', gateway: undefined, nameservers: [] },
      /addresses\.range: it overlaps serviceCIDR 10\.96\.0\.0\/12/,
    ],
    [{ ...RANGE, dns: '10.0.0.2' }, /addresses: .*dns/],
  ])('%j is refused', (addresses, why) => {
    expect(() => read([pool(addresses)])).toThrow(why);
  });

  test('are refused where the endpoint or the load balancer has one of them', () => {
    const endpoint = { address: '10.0.0.25' };
    expect(() => read([pool(RANGE)], { endpoint })).toThrow(
      /nodepools\[1\]\.addresses\.range: it overlaps the endpoint's/,
    );
    expect(() => read([pool(RANGE)], { endpoint: { host: '10.0.0.25' } })).toThrow(/overlaps the endpoint's address/);
    expect(() => read([pool(RANGE)], { endpoint: { host: 'api.lab' } })).not.toThrow();
    expect(() => read([pool(RANGE)], { loadBalancerIPRange: '10.0.0.29-10.0.0.40' })).toThrow(
      /overlaps loadBalancerIPRange/,
    );
    expect(() => read([pool(RANGE)], { loadBalancerIPRange: '10.0.0.30-10.0.0.40' })).not.toThrow();
  });

  test('may be several pools’, but not contradict each other, and are enough for all together', () => {
    const other = (more: object, size = 3) => pool({ ...RANGE, ...more }, { name: 'others', size });
    expect(() => read([pool(RANGE), other({})])).not.toThrow();
    expect(() => read([pool(RANGE), other({ gateway: '10.0.0.3' })])).toThrow(
      /nodepools\[2\]\.addresses\.gateway: another pool has 10\.0\.0\.1 for the same network/,
    );
    expect(() => read([pool(RANGE), other({ range: '10.0.0.40-10.0.0.50', prefix: 25 })])).toThrow(
      /nodepools\[2\]\.addresses\.prefix: another pool has 24/,
    );
    expect(() => read([pool(RANGE), other({}, 8)])).toThrow(
      /nodepools\[2\]\.addresses\.range: .*10 for 11 nodes together/,
    );
    expect(() => read([pool(RANGE), other({ range: '10.0.0.26-10.0.0.35' }, 10)])).not.toThrow();
  });

  test('may be each failure domain’s', () => {
    const placements = [
      { name: 'a', addresses: { range: '10.1.0.0/29' } },
      { name: 'b', addresses: { range: '10.2.0.0/30' } },
    ];
    expect(() => read([pool(undefined, { size: 4, placements })])).not.toThrow();
    expect(() => read([pool(undefined, { size: 5, placements })])).toThrow(
      /nodepools\[1\]\.placements\[1\]\.addresses\.range: 2 addresses for 3 nodes/,
    );
  });

  test('a range without a spare one is warned of', () => {
    expect(addressWarnings(read([pool(RANGE)]).nodepools)).toEqual([]);
    expect(addressWarnings(read([pool({ ...RANGE, range: '10.0.0.20-10.0.0.22' })]).nodepools)).toEqual([
      expect.stringMatching(/10\.0\.0\.20-10\.0\.0\.22 has no address to spare/),
    ]);
  });
});

test('MAC addresses are the administrators’, and of their own for each address of a network and each NIC', () => {
  expect(macAddressOf(parseAddress('10.0.0.20') as number, 0)).toBe('00:50:56:00:00:14');
  expect(macAddressOf(parseAddress('10.3.255.255') as number, 9)).toBe('00:50:56:27:ff:ff');
  fc.assert(
    fc.property(
      fc.nat(0xffffffff),
      fc.nat(2 ** 18 - 1),
      fc.nat(2 ** 18 - 1),
      fc.nat(9),
      fc.nat(9),
      (at, a, b, i, j) => {
        const network = at - (at % 2 ** 18);
        const [one, other] = [macAddressOf(network + a, i), macAddressOf(network + b, j)];
        expect(one === other).toBe(a === b && i === j);
        // VMware keeps 00:50:56:40 and on for itself.
        expect(one).toMatch(/^00:50:56:[0-3][0-9a-f]:[0-9a-f]{2}:[0-9a-f]{2}$/);
      },
    ),
  );
});

test('a range without its network’s own addresses is what is usable of it', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.integer({ min: 24, max: 30 }), (at, prefix) => {
      const first = 0x0a000000 + at - (at % 2 ** (32 - prefix));
      const usable = usableRanges({ range: `${formatAddress(first)}/${prefix}` }).flatMap((each) => [
        ...addressesOf(each),
      ]);
      expect(usable).toHaveLength(2 ** (32 - prefix) - 2);
      expect(usable).not.toContain(first);
    }),
  );
});
