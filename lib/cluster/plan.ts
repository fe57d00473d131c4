import { DEAD, LAUNCHING, type Node } from './node.ts';
import { type NodePool, type NodeRole, poolRole } from './pool.ts';

/** What the plan needs to know of a node. `joined`: it was ready once, so it is a member of the cluster. */
export type PlanNode = Pick<Node, 'name' | 'pool' | 'role' | 'ordinal' | 'status' | 'placement'> & { joined: boolean };

/** What the plan needs to know of records. */
export const planNodes = (nodes: readonly Node[]): PlanNode[] =>
  nodes.map((node) => ({ ...node, joined: node.readyAt !== undefined }));

/** A node to launch; one that is being launched already is named again, to be adopted. */
export interface Launch {
  pool: string;
  role: NodeRole;
  ordinal: number;
  /** Its failure domain. */
  placement?: string;
}

/** What the plan needs to know of a pool. */
export type PlanPool = Pick<NodePool, 'name' | 'roles' | 'size'> & { placements?: readonly { name: string }[] };

/** The next step towards the spec. */
export type Plan =
  | { action: 'none' }
  | { action: 'launch'; nodes: Launch[] }
  | { action: 'remove'; nodes: string[] }
  | { action: 'blocked'; reason: string };

/** Nodes that one wave removes: each costs events of its workflow's history, which are limited. */
const MAX_REMOVAL = 200;

/** Votes that an etcd cluster of this many members needs. */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Where a control plane has its etcd: on its own nodes (and so has an etcd cluster), or elsewhere. */
export type ControlPlane = 'stacked' | 'external';

/** The control-plane nodes, or the members of an etcd cluster: those that leave one at a time. */
const isMember = ({ role, joined }: Pick<PlanNode, 'role' | 'joined'>) => role !== 'worker' && joined;

/** How many of so many members must be alive: where etcd is elsewhere, an API server. */
const needed = (members: number, controlPlane: ControlPlane) => (controlPlane === 'external' ? 1 : quorum(members));

/**
 * The next wave that brings a cluster's nodes to its pools: dead nodes go first, then what is missing is launched, then
 * what is too many is removed. Pure: asked again after each wave, it ends in `none`.
 *
 * A control plane that runs is changed so that etcd keeps its quorum: its members leave one at a time, and only while
 * those alive are a majority of what remains. Where the majority is dead already, nothing is done: `blocked`.
 *
 * Control-plane nodes whose etcd is elsewhere leave one at a time as well, the last one never.
 *
 * @param pools the wanted pools
 * @param nodes every node record of the cluster
 */
export function plan(
  pools: readonly PlanPool[],
  nodes: readonly PlanNode[],
  controlPlane: ControlPlane = 'stacked',
): Plan {
  const members = nodes.filter(isMember);
  const alive = members.filter((node) => node.status === 'ready');
  if (members.length > 0 && alive.length < needed(members.length, controlPlane)) {
    if (controlPlane === 'external') {
      const reason = 'no API server is left to join nodes with. Power the VMs of its control plane on again.';
      return { action: 'blocked', reason };
    }
    return {
      action: 'blocked',
      reason: `the control plane has lost its quorum: ${alive.length} of ${members.length} members are alive, ${quorum(members.length)} are needed. Power its VMs on again, or restore etcd from a backup.`,
    };
  }

  const dead = removable(
    nodes.filter((node) => DEAD.includes(node.status)).slice(0, MAX_REMOVAL),
    members.length,
    alive.length,
    controlPlane,
  );
  if (dead.length > 0) return { action: 'remove', nodes: dead };

  // The control plane is spread first.
  const order = pools.toSorted((a, b) => Number(poolRole(b) !== 'worker') - Number(poolRole(a) !== 'worker'));
  const placed: Placed[] = nodes.filter((node) => !DEAD.includes(node.status));
  const launches = order.flatMap((pool) => missing(pool, nodes, placed));
  if (launches.length > 0) return { action: 'launch', nodes: launches };

  const surplus = removable(tooMany(pools, nodes).slice(0, MAX_REMOVAL), members.length, alive.length, controlPlane);
  return surplus.length > 0 ? { action: 'remove', nodes: surplus } : { action: 'none' };
}

/** Those that may leave at once: every worker, every master that never joined, and one member of the control plane. */
function removable(
  candidates: readonly PlanNode[],
  members: number,
  alive: number,
  controlPlane: ControlPlane,
): string[] {
  const names = candidates.filter((node) => !isMember(node)).map((node) => node.name);
  const member = candidates.find(isMember);
  if (member) {
    const left = alive - (member.status === 'ready' ? 1 : 0);
    // The last member is never removed: an empty control plane is a deletion, which has a workflow of its own.
    if (members > 1 && left >= needed(members - 1, controlPlane)) names.push(member.name);
  }
  return names;
}

/** A node that has a place, or is being given one. */
type Placed = Pick<PlanNode, 'pool' | 'role' | 'placement'>;

/**
 * The nodes that a pool lacks, and those whose launch did not end, with the lowest free ordinals (from 1).
 * @param placed every node that has a place; those that are given one are added
 */
function missing(pool: PlanPool, nodes: readonly PlanNode[], placed: Placed[]): Launch[] {
  const own = nodes.filter((node) => node.pool === pool.name);
  const role = poolRole(pool);
  const unfinished = own.filter((node) => LAUNCHING.includes(node.status));
  const taken = new Set(own.map((node) => node.ordinal));
  const launches: Launch[] = unfinished.map(({ ordinal, placement }) => ({
    pool: pool.name,
    role,
    ordinal,
    placement,
  }));
  let lacking = pool.size - own.filter((node) => !DEAD.includes(node.status)).length;
  // A pool that shrank while it was launched need not finish what it no longer wants.
  if (lacking < 0) return [];
  for (let ordinal = 1; lacking > 0; ordinal++) {
    if (taken.has(ordinal)) continue;
    const launch: Launch = { pool: pool.name, role, ordinal, placement: emptiest(pool, role, placed) };
    launches.push(launch);
    placed.push(launch);
    lacking--;
  }
  return launches;
}

/**
 * The failure domain with the fewest nodes of the pool; of those the one with the fewest control-plane nodes where it is one
 * that is placed, then with the fewest nodes.
 */
function emptiest(pool: PlanPool, role: NodeRole, placed: readonly Placed[]): string | undefined {
  const weights = (pool.placements ?? []).map(({ name }) => {
    const here = placed.filter(({ placement }) => placement === name);
    const ofPool = here.filter((node) => node.pool === pool.name).length;
    const masters = role === 'worker' ? 0 : here.filter((node) => node.role === role).length;
    return { name, weight: [ofPool, masters, here.length] };
  });
  const lighter = (a: number[], b: number[]) => a.map((each, i) => each - (b[i] ?? 0)).find((each) => each !== 0) ?? 0;
  return weights.toSorted((a, b) => lighter(a.weight, b.weight))[0]?.name;
}

/**
 * Nodes of pools that are gone, and of each pool those above its size: unfinished ones first, then one after another from the
 * failure domain that has most, the highest ordinal.
 */
function tooMany(pools: readonly PlanPool[], nodes: readonly PlanNode[]): PlanNode[] {
  const sizes = new Map(pools.map((pool) => [pool.name, pool.size]));
  const byPool = Map.groupBy(
    nodes.filter((node) => !DEAD.includes(node.status)),
    (node) => node.pool,
  );
  return [...byPool].flatMap(([pool, own]) => {
    const left = [...own];
    const leaving: PlanNode[] = [];
    while (left.length > (sizes.get(pool) ?? 0)) {
      const inDomain = Map.groupBy(left, ({ placement }) => placement);
      const rank = (node: PlanNode) =>
        (LAUNCHING.includes(node.status) ? 1_000_000 : 0) +
        1000 * (inDomain.get(node.placement)?.length ?? 0) +
        node.ordinal;
      const next = left.reduce((a, b) => (rank(b) > rank(a) ? b : a));
      left.splice(left.indexOf(next), 1);
      leaving.push(next);
    }
    return leaving;
  });
}
