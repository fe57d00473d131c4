import type { Cluster } from './cluster.ts';
import type { Node } from './node.ts';

export const API_SERVER_PORT = 6443;

/**
 * Where a node joins, `host:port`: as `endpointOf`, but known from the cluster's record alone. A leader that is dead has lost
 * the leadership before others are launched.
 */
export function joinAddressOf({ spec, leader }: Pick<Cluster, 'spec' | 'leader'>): string | undefined {
  if (spec.endpoint) return `${spec.endpoint.host}:${spec.endpoint.port}`;
  return leader?.ready ? `${leader.ip}:${API_SERVER_PORT}` : undefined;
}

/**
 * Where the API server of a cluster answers, `host:port`: the endpoint of the spec; without one the leader, or where the
 * leader is dead any control-plane node that is ready. Undefined until one is.
 */
export function endpointOf(cluster: Pick<Cluster, 'spec' | 'leader'>, nodes: readonly Node[]): string | undefined {
  const { endpoint } = cluster.spec;
  if (endpoint) return `${endpoint.host}:${endpoint.port}`;
  const ready = nodes.filter((node) => node.role === 'master' && node.status === 'ready' && node.address);
  const node = ready.find(({ name }) => name === cluster.leader?.hostname) ?? ready[0];
  return node && `${node.address}:${API_SERVER_PORT}`;
}
