const LEAST_MS = 100;
/** Looks that a clone may cost on average: with its own, fewer than two requests. */
const LOOKS = 0.7;

/**
 * How long to wait before clones are looked at again: until the oldest may be done, and never so briefly that looking costs
 * more than a part of a request a clone.
 * @param durations milliseconds after which clones of this wave were seen to have ended so far
 * @param elapsed milliseconds from when the oldest that runs was asked for to the last look
 * @param running how many run
 */
export function pauseBetweenLooks(durations: readonly number[], elapsed: number, running: number): number {
  const sorted = durations.toSorted((a, b) => a - b);
  const [fastest] = sorted;
  const usual = sorted[Math.floor(sorted.length / 2)];
  if (fastest === undefined || usual === undefined) return Math.max(LEAST_MS, 0.3 * elapsed);
  return Math.max(LEAST_MS, usual / (LOOKS * Math.max(running, 2)), fastest - elapsed);
}
