import type { Cluster } from '../cluster/cluster.ts';
import { etcdMembers, outdatedMasters } from '../cluster/etcd.ts';
import type { Node } from '../cluster/node.ts';
import { findCluster } from '../store/clusters.ts';
import { prefixesIn } from '../store/etcd-prefixes.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes } from '../store/nodes.ts';

/**
 * Warns the Kubernetes clusters that share an etcd cluster whose API servers know no majority of its members any more: they were
 * told the addresses when their VMs were made, and members were replaced since.
 */
export async function tellEtcdUsers({ id, name, organization }: Cluster, nodes: readonly Node[]): Promise<void> {
  const members = etcdMembers(nodes);
  for (const { clusterId } of await prefixesIn(organization, id)) {
    if (!(await findCluster(clusterId))) continue;
    const masters = outdatedMasters(await listNodes(clusterId), members);
    if (masters.length === 0) continue;
    const now = members.map(({ address }) => address).join(', ');
    await recordEvent(clusterId, {
      type: 'ClusterWarning',
      message: `Members of etcd cluster ${name} were replaced: ${masters.join(', ')} know less than a majority of those there are now (${now}). Replace these control-plane nodes, one after another, before the last member that they know is gone.`,
    });
  }
}
