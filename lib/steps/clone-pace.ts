const LEAST_MS = 100;
const MOST_MS = 5000;

/**
 * How long to wait before clones are looked at again: until the oldest may be done, and never so briefly that looking costs
 * more than about one request a clone.
 * @param durations milliseconds that clones of this wave took so far
 * @param elapsed milliseconds since the oldest that runs was asked for
 */
export function pauseBetweenLooks(durations: readonly number[], elapsed: number): number {
  const usual = durations.toSorted((a, b) => a - b)[Math.floor(durations.length / 2)];
  const pause = usual === undefined ? 0.3 * elapsed : Math.max(0.2 * usual, usual - elapsed);
  return Math.min(MOST_MS, Math.max(LEAST_MS, pause));
}
