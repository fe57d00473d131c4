import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spreadDatastores } from '../../../lib/operations/placement/spread.ts';

const candidates = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1 }), freeBytes: fc.nat(1_000_000), recommended: fc.boolean() }),
  { minLength: 1, maxLength: 12, selector: ({ id }) => id },
);

test('every node has one datastore, and no node would have been better off on another', () => {
  fc.assert(
    fc.property(candidates, fc.nat(200), fc.integer({ min: 1, max: 50_000 }), (all, count, bytes) => {
      const nodes = Array.from({ length: count }, (_, index) => index);
      const spread = spreadDatastores(all, nodes, bytes);
      expect([...spread.values()].flat().sort((a, b) => a - b)).toEqual(nodes);
      const first = all.find(({ recommended }) => recommended)?.id;
      const left = ({ id, freeBytes }: { id: string; freeBytes: number }) =>
        freeBytes - (spread.get(id)?.length ?? 0) * bytes;
      const mostLeft = Math.max(...all.map(left));
      for (const each of all) {
        const free = (spread.get(each.id) ?? []).filter((node) => node !== 0 || each.id !== first);
        // With its last node taken away again, a datastore has at least as much left as any other.
        if (free.length > 0) expect(left(each) + bytes).toBeGreaterThanOrEqual(mostLeft);
      }
    }),
    { numRuns: 500 },
  );
});

test('a wave does not land on one of two datastores that are alike, whatever storage DRS recommends', () => {
  const spread = spreadDatastores(
    [
      { id: 'a', freeBytes: 1000 },
      { id: 'b', freeBytes: 1000, recommended: true },
    ],
    [1, 2, 3, 4],
    10,
  );
  expect(Object.fromEntries(spread)).toEqual({ b: [1, 4], a: [2, 3] });
});
