import type { Cluster } from './cluster.ts';
import { ETCD_PORT } from './etcd-spec.ts';
import type { Node } from './node.ts';
import { isEtcdPool } from './pool.ts';
import type { ClusterSpec } from './spec.ts';

/** Where a Kubernetes cluster's state lies, if not on its own control-plane nodes. */
export interface ExternalEtcd {
  /** One path segment, such as /shop. */
  prefix: string;
  /** The etcd cluster of ours that it shares. */
  clusterId?: number;
  /** Endpoints of an etcd of one's own, and the secret with what opens it. */
  endpoints?: string[];
  secretId?: string;
  /** When the prefix was found empty and opened to this cluster: from then on what is below it is this cluster's. */
  preparedAt?: string;
}

/** Whether a cluster is an etcd cluster, without Kubernetes. */
export function isEtcdCluster({ spec }: { spec: Pick<ClusterSpec, 'nodepools'> }): boolean {
  return spec.nodepools.some(isEtcdPool);
}

/** The keys of a cluster: from `key` up to, not including, `end`. */
export function keyRange({ prefix }: Pick<ExternalEtcd, 'prefix'>): { key: string; end: string } {
  // '0' is the character after '/'.
  return { key: `${prefix}/`, end: `${prefix}0` };
}

/** The user of a Kubernetes cluster in the etcd cluster that it shares, which is its certificate's common name; its role is named alike. */
export function etcdUser(clusterId: number): string {
  return `slipway-${clusterId}`;
}

/** A member of an etcd cluster, as the API servers know it: by a name that stays when its node is replaced. */
export interface EtcdMember {
  name: string;
  address: string;
}

/** The members of an etcd cluster that are ready, in the order of their names. */
export function etcdMembers(nodes: readonly Node[]): EtcdMember[] {
  return nodes
    .filter((node) => node.role === 'etcd' && node.status === 'ready' && node.address)
    .map(({ name, address }) => ({ name, address: address as string }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const memberEndpoint = (host: string) => `https://${host}:${ETCD_PORT}`;

/** Control-plane nodes that know less than a majority of the members that an etcd cluster has. */
export function outdatedMasters(
  masters: readonly Pick<Node, 'name' | 'role' | 'status' | 'etcdAddresses'>[],
  members: readonly EtcdMember[],
): string[] {
  const addresses = new Set(members.map(({ address }) => address));
  return masters
    .filter(({ role, status }) => role === 'master' && status === 'ready')
    .filter(
      ({ etcdAddresses = [] }) => etcdAddresses.filter((each) => addresses.has(each)).length * 2 <= members.length,
    )
    .map(({ name }) => name);
}

/** What a cluster's etcd is, in words. */
export function etcdInWords({ etcd }: Pick<Cluster, 'etcd'>): string {
  return etcd?.endpoints ? etcd.endpoints.join(', ') : `etcd cluster ${etcd?.clusterId}`;
}
