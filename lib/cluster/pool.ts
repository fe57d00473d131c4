import * as z from 'zod/mini';
import { addresses } from './addresses.ts';
import { etcdSizeIssue } from './etcd-spec.ts';
import { hardwareFields, hardwareIssues } from './hardware.ts';
import { poolName } from './names.ts';
import { oneOfNetworks, placementFields } from './placement.ts';

/** Ordinals have at most three digits, so that a node's name stays a DNS label. */
export const MAX_POOL_SIZE = 999;

/** Sizes of a control plane with stacked etcd: an even number adds a member that can fail and no failure that is survived. */
export const CONTROL_PLANE_SIZES = [1, 3, 5] as const;
/** Sizes of a control plane that also runs workloads: a larger one shares too many machines with etcd. */
const SHARED_CONTROL_PLANE_SIZES = [1, 3] as const;

const labelPart = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Most API servers where etcd is elsewhere: they need no odd number, and more help nobody. */
const MOST_API_SERVERS = 9;

export const role = z.enum(['master', 'worker', 'pipeline-system', 'etcd']);

/** Most failure domains of a pool. */
const MAX_PLACEMENTS = 16;

/** A failure domain: a placement by a name of its own, on the cluster's vCenter or on that of another connection. */
const failureDomain = z.strictObject({
  name: poolName,
  secretId: z.optional(z.string().check(z.minLength(1))),
  secretName: z.optional(z.string().check(z.minLength(1))),
  template: z.optional(z.string().check(z.minLength(1))),
  ...placementFields,
  addresses: z.optional(addresses),
});
export type FailureDomain = z.infer<typeof failureDomain>;

/** A node pool as users write it: its nodes are alike. `ram` is in MiB. */
export const nodePool = z
  .strictObject({
    name: poolName,
    roles: z.array(role).check(z.minLength(1, 'at least one of master, worker, pipeline-system, etcd')),
    labels: z._default(
      z.record(
        z.string().check(z.regex(labelKey, 'a Kubernetes label key')),
        z.union([z.literal(''), z.string().check(z.regex(labelPart, 'a Kubernetes label value'))]),
      ),
      {},
    ),
    size: z.int().check(z.gte(0), z.lte(MAX_POOL_SIZE, `at most ${MAX_POOL_SIZE} nodes in a pool`)),
    vcpu: z.int().check(z.gte(1), z.lte(256)),
    ram: z.int().check(z.gte(512, 'at least 512 MiB'), z.lte(4_194_304)),
    template: z.optional(z.string().check(z.minLength(1))),
    adminUsername: z.optional(z.string().check(z.regex(/^[a-z_][-a-z0-9_]{0,31}$/, 'a Linux user name'))),
    ...placementFields,
    /** Addresses of the nodes' first NICs; DHCP's without them. */
    addresses: z.optional(addresses),
    /** Failure domains over which the nodes are spread evenly; their fields go before the pool's. */
    placements: z.optional(z.array(failureDomain).check(z.minLength(1), z.maxLength(MAX_PLACEMENTS))),
    ...hardwareFields,
  })
  .check(
    oneOfNetworks(),
    z.superRefine((pool, context) => {
      for (const [field, message] of hardwareIssues(pool)) context.addIssue({ code: 'custom', path: [field], message });
      for (const [index, domain] of (pool.placements ?? []).entries()) {
        const issue = (field: string, message: string) =>
          context.addIssue({ code: 'custom', path: ['placements', index, field], message });
        if (pool.placements?.findIndex(({ name }) => name === domain.name) !== index) {
          issue('name', `two placements are named '${domain.name}'`);
        }
        if (domain.secretId && domain.secretName) issue('secretName', 'secretName or secretId, not both');
        if (domain.network && domain.networks) issue('network', 'network or networks, not both');
      }
    }),
  );
export type NodePool = z.infer<typeof nodePool>;

/** The role that a pool's nodes play in the workflows. */
export type NodeRole = 'master' | 'worker' | 'etcd';

export function poolRole(pool: Pick<NodePool, 'roles'>): NodeRole {
  if (isEtcdPool(pool)) return 'etcd';
  return pool.roles.includes('master') ? 'master' : 'worker';
}

/** Whether a pool's nodes are members of an etcd cluster, and nothing else. */
export function isEtcdPool({ roles }: Pick<NodePool, 'roles'>): boolean {
  return roles.includes('etcd');
}

/** Whether a pool's nodes are control-plane nodes that also run workloads: they have no taint. */
export function runsWorkloads({ roles }: Pick<NodePool, 'roles'>): boolean {
  return roles.includes('master') && roles.includes('worker');
}

/** The failure domain of a pool that has a name; undefined for a pool without any. */
export function domainOf(pool: Pick<NodePool, 'placements'>, name: string | undefined): FailureDomain | undefined {
  return name === undefined ? undefined : pool.placements?.find((domain) => domain.name === name);
}

/** By what a node's placement is known in a wave: its pool, and its failure domain if it has one. */
export function placementKey({ pool, placement }: { pool: string; placement?: string }): string {
  return placement === undefined ? pool : `${pool}/${placement}`;
}

/** The node pools of a cluster, checked together. */
export const nodePools = z.array(nodePool).check(
  z.minLength(1, 'at least one pool, with the role master'),
  z.superRefine((pools, context) => {
    const seen = new Set<string>();
    for (const [index, pool] of pools.entries()) {
      if (seen.has(pool.name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `two pools are named '${pool.name}'` });
      }
      seen.add(pool.name);
      if (poolRole(pool) === 'master' && pool.roles.includes('pipeline-system')) {
        context.addIssue({
          code: 'custom',
          path: [index, 'roles'],
          message:
            'a control-plane pool has the role master alone, or master and worker where its nodes also run workloads',
        });
      }
    }
    const etcd = pools.findIndex(isEtcdPool);
    if (etcd < 0) return;
    const other = pools.findIndex(({ roles }) => roles.some((each) => each !== 'etcd'));
    const size = pools.filter(isEtcdPool).reduce((sum, pool) => sum + pool.size, 0);
    const wrong = other < 0 ? etcdSizeIssue(size) : undefined;
    if (other >= 0) {
      context.addIssue({
        code: 'custom',
        path: [other, 'roles'],
        message:
          'etcd is a cluster of its own: create a cluster with pools of the role etcd alone, and name it in etcd.clusterName of this one',
      });
    }
    if (wrong) context.addIssue({ code: 'custom', path: [etcd, 'size'], message: wrong });
  }),
);

/**
 * What is wrong with the number of control-plane nodes: the pool that is to be told of (none where no pool has the role), and why.
 * @param external whether etcd is elsewhere than on them
 */
export function controlPlaneIssue(
  pools: readonly Pick<NodePool, 'roles' | 'size'>[],
  external: boolean,
): { index?: number; message: string } | undefined {
  if (pools.some(isEtcdPool)) return undefined;
  const masters = pools.filter((pool) => poolRole(pool) === 'master').reduce((sum, pool) => sum + pool.size, 0);
  const at = pools.findIndex((pool) => poolRole(pool) === 'master');
  const index = at < 0 ? undefined : at;
  if (external) {
    if (masters >= 1 && masters <= MOST_API_SERVERS) return undefined;
    const message = `the pools with the role master must have 1 to ${MOST_API_SERVERS} nodes together, not ${masters}`;
    return { index, message };
  }
  if (pools.some(runsWorkloads) && !(SHARED_CONTROL_PLANE_SIZES as readonly number[]).includes(masters)) {
    return {
      index,
      message: `a control plane that also runs workloads (roles master and worker) must have 1 or 3 nodes, not ${masters}`,
    };
  }
  if ((CONTROL_PLANE_SIZES as readonly number[]).includes(masters)) return undefined;
  return {
    index,
    message: `the pools with the role master must have 1, 3 or 5 nodes together (stacked etcd needs an odd number), not ${masters}`,
  };
}

/** How many control-plane nodes pools have together. */
export function masterCount(pools: readonly Pick<NodePool, 'roles' | 'size'>[]): number {
  return pools.filter((pool) => poolRole(pool) === 'master').reduce((sum, { size }) => sum + size, 0);
}
