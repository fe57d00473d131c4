/** A datastore that nodes may go to. */
export interface Candidate {
  id: string;
  freeBytes: number;
  /** Storage DRS names it for the first node. */
  recommended?: boolean;
}

/**
 * Spreads nodes over datastores: each goes where most is free, counting what was put there before it. A recommendation of
 * storage DRS is for one VM as things are now, so that it counts for the first node alone: were it taken for all, a wave would
 * land on one datastore.
 *
 * @param bytesPerNode what a node may come to use
 * @returns the nodes of each datastore, those with none left out
 */
export function spreadDatastores<T>(
  candidates: readonly Candidate[],
  nodes: readonly T[],
  bytesPerNode: number,
): Map<string, T[]> {
  const free = new Map(candidates.map(({ id, freeBytes }) => [id, freeBytes]));
  const spread = new Map<string, T[]>();
  let next = candidates.find(({ recommended }) => recommended)?.id;
  for (const node of nodes) {
    const id = next ?? [...free].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
    next = undefined;
    free.set(id, (free.get(id) ?? 0) - bytesPerNode);
    spread.set(id, [...(spread.get(id) ?? []), node]);
  }
  return spread;
}
