import { BlockList } from 'node:net';
import * as z from 'zod/mini';
import type { Cluster } from './cluster.ts';
import type { Node } from './node.ts';

export const API_SERVER_PORT = 6443;

/**
 * Where the API server is to answer: at a virtual IP that the control-plane nodes hold among themselves (`address`), or at a
 * load balancer or DNS name of one's own (`host`).
 */
export const endpoint = z
  .strictObject({
    address: z.optional(z.ipv4('an IPv4 address that no machine has, on the network of the control-plane nodes')),
    host: z.optional(z.union([z.ipv4(), z.hostname()], 'an IPv4 address or a host name')),
    port: z._default(z.int().check(z.gte(1), z.lte(65535)), API_SERVER_PORT),
    /** VRRP's number of the virtual IP, one of its own on its network. Without it, one of the cluster's id. */
    virtualRouterId: z.optional(z.int().check(z.gte(1), z.lte(255, 'from 1 to 255'))),
  })
  .check(
    z.superRefine(({ address, host, port, virtualRouterId }, context) => {
      const issue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
      if (!address === !host) {
        issue(
          'address',
          'address for a virtual IP that the nodes hold, or host for a load balancer or DNS name, one of them',
        );
      }
      if (address && port !== API_SERVER_PORT) {
        issue(
          'port',
          `a virtual IP leads to the API servers themselves, which listen on ${API_SERVER_PORT}: leave the port out`,
        );
      }
      if (host && virtualRouterId) issue('virtualRouterId', 'only with address, for a virtual IP');
    }),
  );
export type Endpoint = z.infer<typeof endpoint>;

/** The endpoint's address or host name. */
export function endpointHost({ address, host }: Endpoint): string {
  return address ?? (host as string);
}

/** `host:port` of an endpoint, whichever form it has. */
export function hostAndPort(endpoint: Endpoint): string {
  return `${endpointHost(endpoint)}:${endpoint.port}`;
}

/** VRRP's virtual router id (RFC 5798: 1 to 255) of a cluster's virtual IP. */
export function virtualRouterId({ id, spec }: Pick<Cluster, 'id' | 'spec'>): number {
  return spec.endpoint?.virtualRouterId ?? 1 + ((id - 1) % 255);
}

/** Whether an IPv4 address is in a range such as 10.96.0.0/12. */
export function inRange(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(address);
}

/** What a user should know of a cluster without an endpoint; undefined where it has one. */
export function endpointWarning({ endpoint, nodepools }: Cluster['spec']): string | undefined {
  if (endpoint) return undefined;
  const masters = nodepools.filter(({ roles }) => roles.includes('master')).reduce((sum, { size }) => sum + size, 0);
  return masters > 1
    ? `The cluster has no endpoint: its ${masters} control-plane nodes are reached, and joined, at the address of one of them. While that one is down nobody reaches the others. Give the cluster an endpoint when it is created: a virtual IP (endpoint.address), or a load balancer (endpoint.host).`
    : 'The cluster has no endpoint: its API server is at the address of its control-plane node, and moves when that is replaced.';
}

/**
 * Where a node joins, `host:port`: as `endpointOf`, but known from the cluster's record alone. A leader that is dead has lost
 * the leadership before others are launched.
 */
export function joinAddressOf({ spec, leader }: Pick<Cluster, 'spec' | 'leader'>): string | undefined {
  if (spec.endpoint) return hostAndPort(spec.endpoint);
  return leader?.ready ? `${leader.ip}:${API_SERVER_PORT}` : undefined;
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
