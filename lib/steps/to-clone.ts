import type { ConnectionValues } from '../api/secret-values.ts';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { marks } from '../cluster/identity.ts';
import type { Node } from '../cluster/node.ts';
import { domainOf, placementKey } from '../cluster/pool.ts';
import type { CloneNode } from '../operations/clone-spec.ts';
import type { Placements } from '../operations/placement/placement.ts';
import { markCloning, updateFields } from '../store/nodes.ts';
import { networkOfNode } from './network-of-node.ts';
import { type NodeSecrets, nodeGuestinfo } from './node-guestinfo.ts';
import { wantedNetworks } from './wanted-placement.ts';

/** What the clone of a node is asked for with; notes that it is about to be. */
export async function toClone(
  cluster: Cluster,
  node: Node,
  placements: Placements,
  connection: ConnectionValues,
  secrets: NodeSecrets,
): Promise<CloneNode> {
  const pool = cluster.spec.nodepools.find(({ name }) => name === node.pool);
  const key = placementKey(node);
  const placement = placements[key];
  if (!pool || !placement?.template)
    throw new Error(`Node ${node.name}: its pool ${node.pool} or its template is no longer known.`);
  const { mayExist } = await markCloning(cluster.id, node.name);
  if (node.role === 'master' && secrets.etcd?.hosts) {
    const etcdAddresses = secrets.etcd.hosts.map(({ address }) => address);
    await updateFields(cluster.id, node.name, { etcdAddresses });
  }
  const { coresPerSocket, cpu, memory, disk, disks, provisioning, linkedClone, annotation } = pool;
  const networks = wantedNetworks(connection, cluster.spec, pool, domainOf(pool, node.placement));
  const network = networkOfNode(pool, node, networks.length);
  const nics = networks.map(({ type, macAddress }, index) => ({ type, macAddress, mac: network?.nics[index] }));
  return {
    name: node.name,
    instanceUuid: node.instanceUuid,
    placement: key,
    template: placement.template.ref,
    datastore: placement.spread?.find(({ nodes }) => nodes.includes(node.serial))?.datastore ?? placement.datastore,
    vcpu: pool.vcpu,
    ramMiB: pool.ram,
    hardware: { coresPerSocket, cpu, memory, disk, disks, provisioning, linkedClone, nics, annotation },
    marks: marks(settings().SLIPWAY_DEPLOYMENT, cluster.id, node.name),
    extraConfig: await nodeGuestinfo(cluster, node, pool, connection, secrets, network),
    mayExist,
  };
}
