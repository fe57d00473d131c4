import * as z from 'zod/mini';
import { isInitialized } from '../cluster/cluster.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { transferLeader } from '../store/leader.ts';
import { listNodes, updateFields } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

const input = z.extend(onCluster, { names: z.array(z.string()).check(z.minLength(1)) });

/** A node to take out of its cluster: whether its workloads can be moved, whether it is a member of etcd, and a node of Kubernetes. */
export interface Leaving {
  name: string;
  drain: boolean;
  member: boolean;
  kubernetes: boolean;
}

/**
 * Marks nodes as being removed, hands a leadership among them to another master, and says which of them the cluster has to
 * be told about: those that joined it.
 */
export async function beginRemoval(value: unknown): Promise<{ leaving: Leaving[] }> {
  const { clusterId, owner, names } = parse(input, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const nodes = await listNodes(clusterId);
  const going = nodes.filter((node) => names.includes(node.name));

  const { leader } = cluster;
  if (leader?.ready && going.some((node) => node.name === leader.hostname)) {
    const heir = nodes.find((node) => node.role !== 'worker' && node.status === 'ready' && !names.includes(node.name));
    if (heir?.address) await transferLeader(clusterId, leader, { hostname: heir.name, ip: heir.address });
  }
  for (const node of going) {
    if (node.status === 'removing') continue;
    // What was alive is drained, also by a repeated run: a lost node keeps the phase that says so.
    const phase = node.status === 'ready' ? 'draining' : 'dead';
    await updateFields(clusterId, node.name, { status: 'removing', phase });
    await recordEvent(clusterId, { type: 'NodeLeaving', node: node.name, message: `Removing ${node.name}` });
  }
  if (!isInitialized(cluster)) return { leaving: [] };
  const joined = (await listNodes(clusterId)).filter(
    (node) => names.includes(node.name) && (node.bootstrappedAt || node.readyAt),
  );
  return {
    leaving: joined.map((node) => ({
      name: node.name,
      drain: node.phase === 'draining' && node.role !== 'etcd',
      member: node.role === 'etcd' || (node.role === 'master' && !cluster.etcd),
      kubernetes: node.role !== 'etcd',
    })),
  };
}
