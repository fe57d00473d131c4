import * as z from 'zod/mini';
import type { Caller } from '../auth/authenticate.ts';
import { isInitialized } from '../cluster/cluster.ts';
import { LAUNCHING } from '../cluster/node.ts';
import { conflict, SlipwayError } from '../errors.ts';
import { parse } from '../parse.ts';
import { settle } from '../steps/settle.ts';
import { markLeaderReady } from '../store/leader.ts';
import { findNode } from '../store/nodes.ts';
import { elect } from './leader.ts';
import { nodeOf } from './node-of.ts';

const body = z.object({
  name: z.string(),
  nodePool: z.string(),
  ip: z.ipv4(),
  /** The admin kubeconfig. Ours are issued from the CA on request, so it is not kept. */
  config: z.optional(z.string()),
  master: z.optional(z.boolean()),
  worker: z.optional(z.boolean()),
});

/** Whether the cluster has an API server that nodes may join. */
export async function isMasterReady(caller: Caller, organization: number, clusterId: number): Promise<boolean> {
  return isInitialized((await nodeOf(caller, organization, clusterId)).cluster);
}

/**
 * A node is ready. The last one of a wave, and the leader, wake the workflow. Said twice it is said once.
 * @throws Conflict where the node is not wanted any more; NotRecorded (503) where it has to be said again
 */
export async function nodeReady(
  caller: Caller,
  organization: number,
  clusterId: number,
  value: unknown,
): Promise<void> {
  const { cluster, node } = await nodeOf(caller, organization, clusterId);
  const { ip } = parse(body, value, 'body');
  if (node.status !== 'ready' && !LAUNCHING.includes(node.status)) {
    throw conflict(`Node ${node.name} is ${node.status}: it came too late and is removed.`);
  }
  // A lone master that pke installs never asks to lead: it says that it is ready.
  const leader = cluster.leader ?? (node.role === 'master' ? (await elect(cluster, node.name, ip)).leader : undefined);
  if (leader?.hostname === node.name) await markLeaderReady(clusterId, node.name);
  const now = new Date().toISOString();
  const counted = await settle(node, { status: 'ready', address: ip, readyAt: now, phase: 'ready' });
  if (!counted && (await findNode(clusterId, node.name))?.status !== 'ready') {
    throw new SlipwayError('NotRecorded', `Node ${node.name} moves to another wave: say it again.`, 503, {
      retryAfter: 1,
    });
  }
}
