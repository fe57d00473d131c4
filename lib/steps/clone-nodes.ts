import * as z from 'zod/mini';
import type { Cluster } from '../cluster/cluster.ts';
import { LAUNCHING, type Node } from '../cluster/node.ts';
import { withConnection } from '../connector/dispatch.ts';
import { type Placements, placements } from '../operations/placement/placement.ts';
import { parse } from '../parse.ts';
import { shareClones } from '../store/clone-shares.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { findWave } from '../store/waves.ts';
import { CloneRun } from './clone-run.ts';
import { checkLock } from './hold-lock.ts';
import { keepMastersApart } from './keep-masters-apart.ts';
import { onWave } from './step-input.ts';
import { waveNews } from './wave-news.ts';

const input = z.extend(onWave, { placement: z.object({ placements }) });

/**
 * Seconds for which one call clones; a wave that takes longer is gone on with by the next call. So that with more waves than
 * sessions each has its turn.
 */
const CALL_SECONDS = 50;
/** Milliseconds between two looks at the wave. */
const LOOK_MS = 1000;

/**
 * Has the VMs of a wave cloned, one request each, as many at once as the connection allows over all clusters together, until
 * all are made, the wave has failed, or the time of one call is over.
 *
 * May run twice: what was asked for before is noted before it is asked, and such a node's VM is looked for first.
 * @returns how many are left to clone
 * @throws the operation's errors where the vCenter is concerned; an error of one node settles that node as failed
 */
export async function cloneNodes(value: unknown): Promise<{ left: number }> {
  const { clusterId, owner, wave, placement } = parse(input, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const nodes = (await listNodes(clusterId)).filter(
    (node) => node.wave === wave && LAUNCHING.includes(node.status) && !node.vm,
  );
  const settled = watchWave(cluster, owner, wave);
  const runs = await Promise.allSettled(
    [...Map.groupBy(nodes, (node) => node.connectionId)].map(([connectionId, own]) =>
      cloneOn(cluster, connectionId, own, wave, placement.placements, settled),
    ),
  );
  // Only when all have ended: what goes on after the answer is frozen with the function.
  const failed = runs.find((run) => run.status === 'rejected');
  if (failed) throw failed.reason;
  if (await settled()) return { left: 0 };
  const left = runs.reduce((sum, run) => sum + (run.status === 'fulfilled' ? run.value : 0), 0);
  if (left > 0) return { left };
  const own = (await listNodes(clusterId)).filter((node) => node.wave === wave);
  if (own.some(({ role }) => role !== 'worker')) await keepMastersApart(clusterId);
  return { left: 0 };
}

/** Looks whether the wave has ended, as it does where a node failed; not too often. @throws LockLost */
function watchWave(cluster: Cluster, owner: string, waveId: string): () => Promise<boolean> {
  let lookedAt = 0;
  let settled = false;
  return async () => {
    if (settled || Date.now() < lookedAt + LOOK_MS) return settled;
    lookedAt = Date.now();
    const [now, wave] = await Promise.all([getCluster(cluster.id), findWave(cluster.id, waveId)]);
    checkLock(now, owner);
    settled = wave !== undefined && waveNews(now, wave) === 'settled';
    return settled;
  };
}

/** Clones the nodes of one connection. @returns how many are left */
async function cloneOn(
  cluster: Cluster,
  connectionId: string,
  nodes: Node[],
  wave: string,
  placements: Placements,
  settled: () => Promise<boolean>,
): Promise<number> {
  const end = Date.now() + CALL_SECONDS * 1000;
  const holder = `${cluster.id}/${wave}`;
  return await withConnection({ organization: cluster.organization, connectionId }, async (connected) => {
    const run = new CloneRun(cluster, connected, placements, nodes);
    const max = connected.values.maxConcurrentClones;
    try {
      while (!run.done && Date.now() < end && !(await settled())) {
        const allowed = await shareClones(connectionId, holder, max, run.underWay, run.left);
        await run.start(allowed - run.underWay);
        await run.pause();
        await run.look();
      }
    } finally {
      // Those that are still under way keep their part.
      await shareClones(connectionId, holder, max, run.underWay, run.underWay);
    }
    return run.left;
  });
}
