import { type Share, shareOf } from '../cluster/share.ts';
import { keys } from './keys.ts';
import { ConditionFailed, getItem, putItem } from './table.ts';

/** Seconds after which a share that is not renewed is free: who had it was killed, and its clones have probably ended. */
const LEASE_SECONDS = 120;

interface Shares {
  version: number;
  shares: (Share & { until: number })[];
}

/**
 * Takes a part of a connection's clones, or renews or gives back the one that was taken before.
 * @param max how many clones the connection may have under way, over all clusters together
 * @param running how many the holder has under way
 * @param wants how many it has under way or would like to; 0 gives its part back
 * @returns how many it may have under way
 */
export async function shareClones(
  connectionId: string,
  holder: string,
  max: number,
  running: number,
  wants: number,
): Promise<number> {
  const key = keys.clones(connectionId);
  for (;;) {
    const item = await getItem<Shares>(key);
    const now = Date.now();
    const others = (item?.shares ?? []).filter((share) => share.holder !== holder && share.until > now);
    const has = shareOf(max, running, wants, others);
    const own = wants > 0 ? [{ holder, has, wants, until: now + LEASE_SECONDS * 1000 }] : [];
    const version = item?.version ?? 0;
    try {
      await putItem(
        { ...key, version: version + 1, shares: [...others, ...own] },
        item
          ? { condition: 'version = :version', values: { ':version': version } }
          : { condition: 'attribute_not_exists(pk)' },
      );
      return has;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}
