import * as z from 'zod/mini';

/** The port at which etcd answers its clients. */
export const ETCD_PORT = 2379;

/** Sizes of an etcd cluster of its own: fewer survive no failure, and an even number adds none. */
const ETCD_SIZES: readonly number[] = [3, 5];

/** An address at which an etcd answers: `https://host` or `https://host:port`. */
const endpoint = z.string().check(
  z.refine((text) => {
    if (!/^https:\/\//i.test(text) || !URL.canParse(text)) return false;
    const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
    return protocol === 'https:' && hostname !== '' && pathname === '/' && !(search || hash || username || password);
  }, 'an https URL of an etcd member, such as https://10.0.0.5:2379: without TLS no client would be told from another'),
  z.refine((text) => !/[\s",;']/.test(text), 'an address without quotes, commas and spaces'),
);

/** One path segment: prefixes of clusters that share an etcd can not lie within each other. */
const prefix = z
  .string()
  .check(
    z.regex(
      /^\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
      'one path segment such as /shop: letters, digits, ".", "_" and "-", at most 63',
    ),
  );

const named = z.optional(z.string().check(z.minLength(1)));

/**
 * An etcd that is not on the control-plane nodes: one of one's own by its endpoints and a secret of type etcd, or an etcd
 * cluster that Slipway made. Kubernetes clusters share it, each below its own prefix.
 */
export const etcd = z
  .strictObject({
    endpoints: z.optional(z.array(endpoint).check(z.minLength(1), z.maxLength(15))),
    secretId: named,
    secretName: named,
    clusterId: z.optional(z.int().check(z.gte(1), z.lte(0x7fffffff))),
    clusterName: named,
    prefix: z.optional(prefix),
  })
  .check(
    z.superRefine(({ endpoints, secretId, secretName, clusterId, clusterName }, context) => {
      const issue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
      const cluster = clusterId !== undefined || clusterName !== undefined;
      if ((endpoints !== undefined) === cluster) {
        issue(
          'endpoints',
          'endpoints of an etcd of your own, or clusterName of an etcd cluster that Slipway made, one of them',
        );
        return;
      }
      if (cluster && clusterId !== undefined && clusterName !== undefined)
        issue('clusterName', 'clusterName or clusterId, not both');
      if (cluster && (secretId || secretName))
        issue('secretName', 'only with endpoints: an etcd cluster of ours gives out certificates by itself');
      if (endpoints && !secretId === !secretName)
        issue('secretName', 'name the secret of type etcd by secretName or by secretId, one of them');
      if (endpoints && new Set(endpoints.map(normalEndpoint)).size < endpoints.length)
        issue('endpoints', 'one endpoint is named twice');
    }),
  );
export type EtcdSpec = z.infer<typeof etcd>;

/** An endpoint in the one way that it is written here: lower case, with its port. */
export function normalEndpoint(text: string): string {
  const { hostname, port } = new URL(text);
  // As it was written: for https, URL leaves 443 out.
  return `https://${hostname.toLowerCase()}:${port || (/:443\/?$/.test(text) ? '443' : ETCD_PORT)}`;
}

/** The prefix of a cluster that names none. */
export function defaultPrefix(clusterId: number): string {
  return `/slipway-${clusterId}`;
}

/** What is wrong with the size of an etcd cluster; undefined where nothing is. */
export function etcdSizeIssue(size: number): string | undefined {
  if (ETCD_SIZES.includes(size)) return undefined;
  return `the pools with the role etcd must have 3 or 5 nodes together, not ${size}`;
}
