import * as z from 'zod/mini';
import type { ConnectionValues } from '../api/secret-values.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { poolRole } from '../cluster/pool.ts';
import { type ClusterSpec, clusterSpec } from '../cluster/spec.ts';
import { invalidSpec } from '../errors.ts';
import { id, parse } from '../parse.ts';
import { claimName, createCluster, getCluster } from '../store/clusters.ts';
import { nextClusterId } from '../store/counters.ts';
import { recordEvent } from '../store/events.ts';
import { readSecretValues, resolveSecret } from '../store/secrets.ts';
import { holdLock } from './hold-lock.ts';

/**
 * Validates a cluster's description, gives it an id and records it, locked by the execution that creates it. Run again
 * by the same execution it finds what it made.
 *
 * @throws InvalidSpec, NotFound (no such connection), NameTaken
 */
export async function registerCluster(
  organization: number,
  description: unknown,
  execution: string,
  createdBy: string,
): Promise<Cluster> {
  const spec = parse(clusterSpec, description, 'cluster');
  const connection = await resolveSecret(organization, 'vsphere', { id: spec.secretId, name: spec.secretName });
  const ssh =
    spec.sshSecretId || spec.sshSecretName
      ? await resolveSecret(organization, 'ssh', { id: spec.sshSecretId, name: spec.sshSecretName })
      : undefined;
  checkAgainst(spec, await readSecretValues<ConnectionValues>(organization, connection.id), connection.name);

  const now = new Date().toISOString();
  const links = { connectionId: connection.id, sshSecretId: ssh?.id };
  const clusterId = await claimName(organization, {
    name: spec.name,
    clusterId: await nextClusterId(),
    ...links,
    execution,
    claimedAt: now,
  });
  await createCluster({
    id: clusterId,
    organization,
    name: spec.name,
    spec,
    generation: 1,
    status: 'CREATING',
    statusMessage: 'Creating',
    ...links,
    lastEpoch: 0,
    lock: { execution, since: now },
    serials: 0,
    createdAt: now,
    createdBy,
    failures: 0,
  });
  await recordEvent(clusterId, { type: 'ClusterCreated', message: `Creation of ${spec.name} begins`, execution });
  return await getCluster(clusterId);
}

/** What only the connection can tell: templates without a default, and how many nodes it allows a cluster. */
export function checkAgainst(spec: Pick<ClusterSpec, 'nodepools'>, connection: ConnectionValues, name: string): void {
  for (const [index, pool] of spec.nodepools.entries()) {
    if (!pool.template && !connection.defaultNodeTemplate) {
      throw invalidSpec(
        `nodepools[${index}].template: name a template, for the connection '${name}' has no defaultNodeTemplate`,
      );
    }
  }
  const nodes = spec.nodepools.reduce((sum, pool) => sum + pool.size, 0);
  if (connection.maxNodes && nodes > connection.maxNodes) {
    const largest = spec.nodepools.reduce((a, b) => (poolRole(b) === 'worker' && b.size > a.size ? b : a));
    throw invalidSpec(
      `nodepools[${spec.nodepools.indexOf(largest)}].size: ${nodes} nodes in all, but the connection '${name}' allows a cluster ${connection.maxNodes}`,
    );
  }
}

const input = z.object({
  execution: z.string().check(z.minLength(1)),
  organization: z.optional(id),
  cluster: z.optional(z.unknown()),
  clusterId: z.optional(id),
});

/** The first step of create-cluster: registers the description it is given, or goes on with a cluster registered before. */
export async function registerStep(value: unknown): Promise<{ clusterId: number }> {
  const { execution, organization, cluster, clusterId } = parse(input, value, 'input');
  if (clusterId !== undefined) return { clusterId: (await holdLock(clusterId, execution)).id };
  if (organization === undefined) throw invalidSpec('input: {"organization": 1, "cluster": {…}} or {"clusterId": 1}');
  return { clusterId: (await registerCluster(organization, cluster, execution, execution)).id };
}
