import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressesOf,
  addressRange,
  contains,
  formatAddress,
  formatRange,
  networkOf,
  overlap,
  parseAddress,
  parseRange,
  sizeOfRange,
} from '../../../lib/cluster/address-range.ts';

const address = fc.nat({ max: 0xffffffff });
const range = fc.tuple(address, address).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
/** Ranges near each other, so that they touch often. */
const near = fc.tuple(fc.nat(30), fc.nat(10)).map(([first, more]) => ({ first, last: first + more }));

describe('a range of addresses', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(range, address, fc.ipV4(), (each, at, text) => {
        expect(parseRange(formatRange(each))).toEqual(each);
        expect(parseAddress(formatAddress(at))).toBe(at);
        expect(formatAddress(parseAddress(text) as number)).toBe(text);
      }),
    );
  });

  it('as a network has what the system says is in it', () => {
    fc.assert(
      fc.property(address, fc.nat(32), address, (at, prefix, other) => {
        const network = networkOf(at, prefix);
        const text = `${formatAddress(network.first)}/${prefix}`;
        expect(parseRange(text)).toEqual(network);
        const list = new BlockList();
        list.addSubnet(formatAddress(network.first), prefix);
        for (const each of [at, other, network.first, network.last]) {
          expect(contains(network, each)).toBe(list.check(formatAddress(each)));
        }
      }),
    );
  });

  it('overlaps another where they have an address in common, and contains one where it has all', () => {
    fc.assert(
      fc.property(near, near, (a, b) => {
        const [ours, theirs] = [[...addressesOf(a)], [...addressesOf(b)]];
        expect(overlap(a, b)).toBe(theirs.some((each) => ours.includes(each)));
        expect(contains(a, b)).toBe(theirs.every((each) => ours.includes(each)));
        expect(sizeOfRange(a)).toBe(ours.length);
      }),
    );
  });

  it('may be at the end of all addresses', () => {
    expect([...addressesOf(parseRange('255.255.255.254-255.255.255.255'))].map(formatAddress)).toEqual([
      '255.255.255.254',
      '255.255.255.255',
    ]);
    expect(sizeOfRange(parseRange('0.0.0.0/0'))).toBe(2 ** 32);
  });

  it.each([
    ['10.0.0.20 - 10.0.0.60', '10.0.0.20-10.0.0.60'],
    ['10.0.0.0/30', '10.0.0.0-10.0.0.3'],
    ['10.0.0.7', '10.0.0.7'],
    ['10.0.0.7/32', '10.0.0.7'],
  ])('%s is %s', (text, same) => {
    expect(formatRange(parseRange(text))).toBe(same);
  });

  it.each([
    ['', 'no range'],
    ['10.0.0', 'no range'],
    ['10.0.0.256', 'no range'],
    ['10.0.0.010', 'no range'],
    ['10.0.0.1-', 'no range'],
    ['10.0.0.1-10.0.0.2-10.0.0.3', 'no range'],
    ['10.0.0.0/24-10.0.0.9', 'no range'],
    ['10.0.0.1-10.0.0.0/24', 'no range'],
    ['10.0.0.0/24/24', 'no range'],
    ['fd00::1-fd00::9', 'no range'],
    ['10.0.0.9-10.0.0.1', 'ends before it begins'],
    ['10.0.0.0/33', 'from 0 to 32'],
    ['10.0.0.0/', 'from 0 to 32'],
    ['10.0.0.5/24', '10.0.0.0/24 does'],
  ])('%j is refused', (text, why) => {
    expect(addressRange.safeParse(text).error?.issues[0]?.message).toContain(why);
  });
});
