import * as z from 'zod/mini';
import { contains, networkRange, parseAddress } from './address-range.ts';

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
type Endpoint = z.infer<typeof endpoint>;

/** The endpoint's address or host name. */
export function endpointHost({ address, host }: Endpoint): string {
  return address ?? (host as string);
}

/** `host:port` of an endpoint, whichever form it has. */
export function hostAndPort(endpoint: Endpoint): string {
  return `${endpointHost(endpoint)}:${endpoint.port}`;
}

/** Whether an IPv4 address is in a range such as 10.96.0.0/12. */
export function inRange(address: string, range: string): boolean {
  const number = parseAddress(address);
  return number !== undefined && contains(networkRange(range), number);
}
