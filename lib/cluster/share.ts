/** One that has clones made on a connection: how many it has under way, and how many it wants in all. */
export interface Share {
  holder: string;
  has: number;
  wants: number;
}

/**
 * How many clones a holder may have under way, so that a connection never has more than `max`, and nobody waits while another
 * has more than its part: of those who want, each may have `max / holders`, and more while nobody lacks any.
 *
 * @param running how many it has under way now: they can't be taken back
 * @param others what the other holders have
 */
export function shareOf(max: number, running: number, wants: number, others: readonly Share[]): number {
  const taken = others.reduce((sum, { has }) => sum + has, 0);
  const part = Math.max(1, Math.floor(max / (others.length + 1)));
  const somebodyLacks = others.some(({ has, wants: wanted }) => has < Math.min(part, wanted));
  const free = Math.max(0, max - taken);
  const allowed = Math.min(wants, free, somebodyLacks ? part : max);
  return Math.max(running, allowed);
}
