import * as z from 'zod/mini';
import type { Caller } from '../auth/authenticate.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { LAUNCHING } from '../cluster/node.ts';
import { conflict, forbidden, notFound } from '../errors.ts';
import { parse } from '../parse.ts';
import { recordEvent } from '../store/events.ts';
import { deposeLeader, electLeader } from '../store/leader.ts';
import { nodeOf } from './node-of.ts';

const body = z.object({ hostname: z.string().check(z.minLength(1), z.maxLength(253)), ip: z.ipv4() });

/** Who leads, as nodes are told. */
export type LeaderView = z.infer<typeof body>;

/**
 * A control-plane node wants to lead.
 * @returns who leads, and whether it is the caller, elected just now
 */
export async function registerLeader(
  caller: Caller,
  organization: number,
  clusterId: number,
  value: unknown,
): Promise<{ leader: LeaderView; elected: boolean }> {
  const { cluster, node } = await nodeOf(caller, organization, clusterId);
  if (node.role === 'worker') throw forbidden(`Node ${node.name} is a worker: only a control-plane node may lead.`);
  const { hostname, ip } = parse(body, value, 'body');
  if (hostname !== node.name)
    throw conflict(`This is node ${node.name}, but it calls itself ${hostname}: check its host name.`);
  if (cluster.leader) return { leader: view(cluster.leader), elected: false };
  if (!LAUNCHING.includes(node.status)) throw conflict(`Node ${node.name} is ${node.status}: it can not lead.`);

  const { leader, elected } = await elect(cluster, hostname, ip);
  return { leader: view(leader), elected };
}

/** Elects a node, if nobody leads. @returns who leads, and whether it was elected just now */
export async function elect(cluster: Cluster, hostname: string, ip: string) {
  const election = await electLeader(cluster, hostname, ip);
  if (election.elected) {
    const message = `${hostname} leads (epoch ${election.leader.epoch})`;
    await recordEvent(cluster.id, { type: 'LeaderElected', node: hostname, message });
  }
  return election;
}

/** @throws NotFound where nobody leads */
export async function getLeader(caller: Caller, organization: number, clusterId: number): Promise<LeaderView> {
  const { cluster } = await nodeOf(caller, organization, clusterId);
  if (!cluster.leader) throw notFound(`Cluster ${cluster.name} has no leader.`);
  return view(cluster.leader);
}

/** A leader gives the leadership up, before it is ready. @throws NotFound where it does not lead (or leads for good) */
export async function giveUpLeadership(caller: Caller, organization: number, clusterId: number): Promise<void> {
  const { cluster, node } = await nodeOf(caller, organization, clusterId);
  const leads = cluster.leader?.hostname === node.name;
  if (!leads || !cluster.leader || !(await deposeLeader(clusterId, cluster.leader))) {
    throw notFound(`Node ${node.name} has no leadership of cluster ${cluster.name} to give up.`);
  }
}

const view = ({ hostname, ip }: LeaderView): LeaderView => ({ hostname, ip });
