import { listNodes } from '../store/nodes.ts';
import { clusterOf } from './clusters.ts';

/** The nodes of a cluster with what is known of each. @throws NotFound */
export async function listNodeViews(organization: number, clusterId: number) {
  await clusterOf(organization, clusterId);
  return (await listNodes(clusterId)).map((node) => ({
    name: node.name,
    pool: node.pool,
    role: node.role,
    placement: node.placement ?? null,
    secretId: node.connectionId,
    status: node.status,
    phase: node.phase ?? null,
    message: node.message ?? null,
    ip: node.address ?? null,
    vm: node.vm ?? null,
    instanceUuid: node.instanceUuid,
    createdAt: node.createdAt,
    readyAt: node.readyAt ?? null,
  }));
}
