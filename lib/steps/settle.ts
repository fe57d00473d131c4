import type { Node } from '../cluster/node.ts';
import { findCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { deposeLeader } from '../store/leader.ts';
import { type Settled, settleNode } from '../store/nodes.ts';
import { wakeWave } from './wave-news.ts';

const EVENTS = { ready: 'NodeReady', failed: 'NodeFailed', lost: 'NodeLost' } as const;

/**
 * Ends the launch of a node: counts it, deposes it if it led and is dead, tells the timeline and the workflow that waits.
 * @returns false where its launch had ended before
 */
export async function settle(node: Node, settled: Settled): Promise<boolean> {
  const first = await settleNode(node, settled);
  if (first) {
    const message = settled.message ?? `${node.name} is ready`;
    await recordEvent(node.clusterId, { type: EVENTS[settled.status], node: node.name, message });
  }
  if (settled.status !== 'ready') await depose(node);
  // Also when it was counted before: the first call may have died before it woke the workflow.
  await wakeWave(node.clusterId, node.wave);
  return first;
}

/** A leader that is dead before it was ready makes room for another. */
async function depose(node: Node): Promise<void> {
  const leader = (await findCluster(node.clusterId))?.leader;
  if (leader?.hostname !== node.name || leader.ready) return;
  if (await deposeLeader(node.clusterId, leader)) {
    await recordEvent(node.clusterId, {
      type: 'LeaderDeposed',
      node: node.name,
      message: `${node.name} led (epoch ${leader.epoch}) and is dead: another control-plane node takes over`,
    });
  }
}
