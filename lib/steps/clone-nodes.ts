import * as z from 'zod/mini';
import type { Cluster } from '../cluster/cluster.ts';
import { LAUNCHING, type Node } from '../cluster/node.ts';
import { withConnection } from '../connector/dispatch.ts';
import { resolvePlacement } from '../operations/resolve-placement.ts';
import { parse } from '../parse.ts';
import { shareClones } from '../store/clone-shares.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { findWave } from '../store/waves.ts';
import { CloneRun } from './clone-run.ts';
import { checkLock } from './hold-lock.ts';
import { onWave } from './step-input.ts';
import { type WaveNews, waveNews } from './wave-news.ts';

const input = z.extend(onWave, { placement: resolvePlacement.output });

/** Seconds for which one call clones; a wave that takes longer is gone on with by the next call. */
const CALL_SECONDS = 200;
/** Milliseconds between two looks for news of the wave. */
const NEWS_MS = 1000;

/** What comes after a call: news of the wave, more to clone, or nothing but to wait for the nodes. */
export type CloneStep = { next: WaveNews | 'clone' | 'await' };

/**
 * Has the VMs of a wave cloned, one request each, as many at once as the connection allows over all clusters together, until
 * all are made, there is news of the wave, or the time of one call is over.
 *
 * May run twice: what was asked for before is noted before it is asked, and such a node's VM is looked for first.
 * @throws the operation's errors where the vCenter is concerned; an error of one node settles that node as failed
 */
export async function cloneNodes(value: unknown): Promise<CloneStep> {
  const { clusterId, owner, wave, placement } = parse(input, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const nodes = (await listNodes(clusterId)).filter(
    (node) => node.wave === wave && LAUNCHING.includes(node.status) && node.status !== 'booting' && !node.vm,
  );
  const news = newsOf(cluster, owner, wave);
  const left = await Promise.all(
    [...Map.groupBy(nodes, (node) => node.connectionId)].map(([connectionId, own]) =>
      cloneOn(cluster, connectionId, own, wave, placement, news),
    ),
  );
  const next = await news();
  return { next: next ?? (left.some(Boolean) ? 'clone' : 'await') };
}

type Placements = z.infer<typeof resolvePlacement.output>;

/** Looks for news of the wave, not too often. @throws LockLost */
function newsOf(cluster: Cluster, owner: string, waveId: string): () => Promise<WaveNews | undefined> {
  let lookedAt = 0;
  let found: WaveNews | undefined;
  return async () => {
    if (found || Date.now() < lookedAt + NEWS_MS) return found;
    lookedAt = Date.now();
    const [now, wave] = await Promise.all([getCluster(cluster.id), findWave(cluster.id, waveId)]);
    checkLock(now, owner);
    found = wave && waveNews(now, wave);
    return found;
  };
}

/** Clones the nodes of one connection. @returns whether some are left */
async function cloneOn(
  cluster: Cluster,
  connectionId: string,
  nodes: Node[],
  wave: string,
  placement: Placements,
  news: () => Promise<WaveNews | undefined>,
): Promise<boolean> {
  const end = Date.now() + CALL_SECONDS * 1000;
  const holder = `${cluster.id}/${wave}`;
  return await withConnection({ organization: cluster.organization, connectionId }, async (connected) => {
    const run = new CloneRun(cluster, connected, placement, nodes);
    const max = connected.values.maxConcurrentClones;
    try {
      while (!run.done && Date.now() < end && !(await news())) {
        const allowed = await shareClones(connectionId, holder, max, run.underWay, run.left);
        await run.start(allowed - run.underWay);
        await run.pause();
        await run.look();
      }
    } finally {
      // Those that are still under way keep their part.
      await shareClones(connectionId, holder, max, run.underWay, run.underWay);
    }
    return !run.done;
  });
}
