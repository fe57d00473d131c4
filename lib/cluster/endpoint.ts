import type { Cluster } from './cluster.ts';
import { API_SERVER_PORT, hostAndPort } from './endpoint-spec.ts';
import { ETCD_PORT } from './etcd-spec.ts';
import type { Node } from './node.ts';
import { isEtcdPool } from './pool.ts';

/** VRRP's virtual router id (RFC 5798: 1 to 255) of a cluster's virtual IP. */
export function virtualRouterId({ id, spec }: Pick<Cluster, 'id' | 'spec'>): number {
  return spec.endpoint?.virtualRouterId ?? 1 + ((id - 1) % 255);
}

/** What a user should know of a cluster without an endpoint; undefined where it has one. */
export function endpointWarning({ endpoint, nodepools }: Cluster['spec']): string | undefined {
  if (endpoint) return undefined;
  if (nodepools.some(isEtcdPool)) return undefined;
  const masters = nodepools.filter(({ roles }) => roles.includes('master')).reduce((sum, { size }) => sum + size, 0);
  return masters > 1
    ? `The cluster has no endpoint: its ${masters} control-plane nodes are reached, and joined, at the address of one of them. While that one is down nobody reaches the others. Give the cluster an endpoint when it is created: a virtual IP (endpoint.address), or a load balancer (endpoint.host).`
    : 'The cluster has no endpoint: its API server is at the address of its control-plane node, and moves when that is replaced.';
}

/**
 * Where a node joins, `host:port`: as `endpointOf`, but known from the cluster's record alone. A leader that is dead has lost
 * the leadership before others are launched. For a member of an etcd cluster: where etcd answers.
 */
export function joinAddressOf({ spec, leader }: Pick<Cluster, 'spec' | 'leader'>): string | undefined {
  if (spec.endpoint) return hostAndPort(spec.endpoint);
  const port = spec.nodepools?.some(isEtcdPool) ? ETCD_PORT : API_SERVER_PORT;
  return leader?.ready ? `${leader.ip}:${port}` : undefined;
}

/**
 * Where the API server of a cluster answers, `host:port`: the endpoint of the spec; without one the leader, or where the
 * leader is dead any control-plane node that is ready. Undefined until one is.
 */
export function endpointOf(cluster: Pick<Cluster, 'spec' | 'leader'>, nodes: readonly Node[]): string | undefined {
  const { endpoint } = cluster.spec;
  if (endpoint) return hostAndPort(endpoint);
  const ready = nodes.filter((node) => node.role === 'master' && node.status === 'ready' && node.address);
  const node = ready.find(({ name }) => name === cluster.leader?.hostname) ?? ready[0];
  return node && `${node.address}:${API_SERVER_PORT}`;
}
