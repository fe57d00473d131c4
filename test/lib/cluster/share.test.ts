import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Share, shareOf } from '../../../lib/cluster/share.ts';

test('one alone has all, and of two each gets its half as clones of the other end', () => {
  expect(shareOf(8, 0, 100, [])).toBe(8);
  const other: Share = { holder: 'b', has: 0, wants: 100 };
  // The first may not start more while the other lacks its part, and what runs can't be taken back.
  expect(shareOf(8, 8, 100, [other])).toBe(8);
  expect(shareOf(8, 3, 100, [other])).toBe(4);
  expect(shareOf(8, 0, 100, [{ ...other, has: 4 }])).toBe(4);
  expect(shareOf(8, 0, 100, [{ ...other, has: 1, wants: 1 }])).toBe(7);
});

test('never are there more clones than allowed, and everybody gets done', () => {
  const wants = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), wants, fc.infiniteStream(fc.nat()), (max, wanted, random) => {
      const holders = wanted.map((left, index) => ({ holder: String(index), left, running: 0, has: 0 }));
      for (let turns = 0; holders.some(({ left }) => left > 0); turns++) {
        if (turns > 20_000) throw new Error('somebody starves');
        const turn = holders[random.next().value % holders.length] as (typeof holders)[number];
        // Some of its clones end, then it asks for its part.
        const ended = Math.min(turn.running, random.next().value % 3);
        turn.running -= ended;
        turn.left -= ended;
        const others = holders
          .filter((each) => each !== turn && each.left > 0)
          .map(({ holder, has, left }) => ({ holder, has, wants: left }));
        turn.has = turn.left === 0 ? 0 : shareOf(max, turn.running, turn.left, others);
        turn.running = Math.min(turn.left, turn.has);
        expect(holders.reduce((sum, { running }) => sum + running, 0)).toBeLessThanOrEqual(max);
      }
    }),
    { numRuns: 200 },
  );
});
