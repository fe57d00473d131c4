import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pauseBetweenLooks } from '../../../lib/steps/clone-pace.ts';

test('nothing known, it looks less and less often', () => {
  expect([0, 1000, 60_000].map((elapsed) => pauseBetweenLooks([], elapsed, 8))).toEqual([100, 300, 18_000]);
});

test('clones that were asked for together are looked at when they may be done', () => {
  expect(pauseBetweenLooks([30_000, 31_000], 0, 8)).toBe(30_000);
});

test('a clone costs fewer than two requests, whatever clones take, where two or more run at once', () => {
  const duration = fc.integer({ min: 1000, max: 600_000 });
  fc.assert(
    fc.property(duration, fc.integer({ min: 2, max: 64 }), fc.integer({ min: 100, max: 400 }), (ms, atOnce, nodes) => {
      // Clones that end one by one, evenly: the worst case for looks.
      let now = 0;
      let looks = 0;
      let waiting = nodes;
      let running: number[] = [];
      const durations: number[] = [];
      for (let lookedAt = 0; waiting > 0 || running.length > 0; ) {
        while (running.length < atOnce && waiting > 0) {
          running.push(now - (durations.length === 0 ? (ms / atOnce) * running.length : 0));
          waiting--;
        }
        now = lookedAt + pauseBetweenLooks(durations, lookedAt - Math.min(...running), running.length);
        lookedAt = now;
        looks++;
        for (const since of running.filter((each) => each + ms <= now)) durations.push(now - since);
        running = running.filter((each) => each + ms > now);
      }
      expect((looks + nodes) / nodes).toBeLessThan(2);
    }),
    { numRuns: 300 },
  );
});
