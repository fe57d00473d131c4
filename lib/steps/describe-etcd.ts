import type { ExternalEtcdDescription } from '../bootstrap/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { etcdMembers, memberEndpoint } from '../cluster/etcd.ts';
import { conflict } from '../errors.ts';
import { listNodes } from '../store/nodes.ts';

/**
 * What control-plane nodes are told of an etcd elsewhere. Members of an etcd cluster of ours are known by the names of their
 * nodes, which stay when these are replaced, so that the configuration that kubeadm keeps in the cluster stays right: each
 * control-plane node learns where they are when its VM is made.
 * @throws Conflict where no member is there
 */
export async function describeEtcd({ name, etcd }: Cluster): Promise<ExternalEtcdDescription | undefined> {
  if (!etcd) return undefined;
  const { prefix, clusterId, endpoints } = etcd;
  if (clusterId === undefined) return { endpoints: endpoints ?? [], prefix };
  const hosts = etcdMembers(await listNodes(clusterId));
  if (hosts.length === 0) throw conflict(`Cluster ${name}: etcd cluster ${clusterId} has no member that is ready.`);
  return { endpoints: hosts.map((host) => memberEndpoint(host.name)), prefix, hosts, compacts: true };
}
