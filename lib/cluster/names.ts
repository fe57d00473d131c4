import * as z from 'zod/mini';

/** Longest cluster and pool name. `<cluster>-<pool>-<ordinal>` must fit in a DNS label of 63 characters (RFC 1123). */
export const MAX_CLUSTER_NAME = 40;
export const MAX_POOL_NAME = 18;

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const shape = 'lower-case letters, digits and hyphens, beginning with a letter, not ending with a hyphen';

/** A cluster's name: part of each node's host name, so a DNS label. */
export const clusterName = z
  .string()
  .check(z.maxLength(MAX_CLUSTER_NAME, `at most ${MAX_CLUSTER_NAME} characters`), z.regex(LABEL, `only ${shape}`));

/** A node pool's name, by the same rule. */
export const poolName = z
  .string()
  .check(z.maxLength(MAX_POOL_NAME, `at most ${MAX_POOL_NAME} characters`), z.regex(LABEL, `only ${shape}`));

/** The name of a node, which is its VM's name and its host name: `<cluster>-<pool>-<two-digit ordinal>`. */
export function nodeName(cluster: string, pool: string, ordinal: number): string {
  return `${cluster}-${pool}-${String(ordinal).padStart(2, '0')}`;
}
