/**
 * Runs a function on each item, at most `limit` at once, and returns the results in order. After an error no further item is
 * begun, and it is thrown when those under way have ended.
 */
export async function eachLimited<T, R>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  let stopped = false;
  const worker = async () => {
    for (const [index, item] of entries) {
      if (stopped) return;
      try {
        results[index] = await run(item);
      } catch (error) {
        stopped = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failed = workers.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return results;
}
