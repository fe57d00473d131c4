import * as z from 'zod/mini';
import { onEtcd, onKubernetes } from '../connector/kubernetes.ts';
import { deleteNode as deleteOperation } from '../operations/delete-node.ts';
import { drainNode as drainOperation } from '../operations/drain-node.ts';
import { removeEtcdMember as removeOperation } from '../operations/remove-etcd-member.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { listNodes } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { onCluster } from './step-input.ts';

const input = z.extend(onCluster, { name: z.string().check(z.minLength(1)) });

/** Seconds that the pods of a drained node have to end, all together. */
const DRAIN_SECONDS = 600;

async function subject(value: unknown) {
  const { clusterId, owner, name } = parse(input, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const nodes = await listNodes(clusterId);
  return { cluster, nodes, node: name };
}

/** Cordons a node and evicts its pods. */
export async function drainNode(value: unknown) {
  const { cluster, nodes, node } = await subject(value);
  return await onKubernetes(cluster, nodes, 'slipway:drain-node', drainOperation, {
    node,
    timeoutSeconds: DRAIN_SECONDS,
  });
}

/** Deletes a node's object in Kubernetes. */
export async function deleteNode(value: unknown) {
  const { cluster, nodes, node } = await subject(value);
  return await onKubernetes(cluster, nodes, 'slipway:drain-node', deleteOperation, { node });
}

/** Removes a node from etcd's members. */
export async function removeEtcdMember(value: unknown) {
  const { cluster, nodes, node } = await subject(value);
  const { address } = nodes.find(({ name }) => name === node) ?? {};
  return await onEtcd(cluster, nodes, node, removeOperation, { node, address });
}
