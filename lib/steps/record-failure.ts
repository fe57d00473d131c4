import * as z from 'zod/mini';
import { type Cluster, isInitialized } from '../cluster/cluster.ts';
import { findCluster, findName } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { releaseLock } from '../store/lock.ts';

/** Seconds before the scale check tries again after a first failure; doubled by each further one, up to an hour. */
const FIRST_RETRY = 60;
const LAST_RETRY = 3600;
const MAX_MESSAGE = 2000;

/**
 * What EventBridge tells of an execution that ended: `detail` of "Step Functions Execution Status Change".
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
const detail = z.object({
  executionArn: z.string(),
  status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
  input: z.nullish(z.string()),
  error: z.nullish(z.string()),
  cause: z.nullish(z.string()),
});

/** The inputs of workflows. */
const started = z.catch(
  z.object({
    clusterId: z.optional(z.int()),
    organization: z.optional(z.int()),
    cluster: z.catch(z.optional(z.object({ name: z.string() })), undefined),
  }),
  {},
);

/** The first cause of a failure: a nested workflow's end is told inside its parent's, as JSON. */
export function rootCause(error: string, cause: string): { error: string; cause: string } {
  try {
    const nested = JSON.parse(cause);
    if (typeof nested?.Error === 'string') return rootCause(nested.Error, String(nested.Cause ?? ''));
    if (typeof nested?.Status === 'string')
      return { error: `States.${nested.Status}`, cause: `${nested.Name ?? 'a nested run'} ended ${nested.Status}` };
    if (typeof nested?.errorType === 'string')
      return { error: nested.errorType, cause: String(nested.errorMessage ?? '') };
  } catch {
    // Not JSON: the message itself.
  }
  return { error, cause };
}

/**
 * Records that a workflow failed, timed out or was stopped: the cluster is in ERROR, says why and what to do, and its lock
 * is free. Says nothing where another run holds the cluster by now. May be told twice.
 */
export async function recordFailure(value: unknown): Promise<void> {
  const { executionArn, status, input, error, cause } = detail.parse(value);
  const clusterId = await clusterOf(input);
  const cluster = clusterId === undefined ? undefined : await findCluster(clusterId);
  if (!cluster || cluster.lock?.execution !== executionArn) return;

  const root = rootCause(error ?? status, cause ?? '');
  const what = { FAILED: 'failed', TIMED_OUT: 'took too long', ABORTED: 'was stopped' }[status];
  const deleting = cluster.deletionRequestedAt !== undefined;
  const doing = deleting ? 'Deletion' : cluster.status === 'CREATING' ? 'Creation' : 'The change';
  const message = `${doing} ${what}: ${root.error}: ${root.cause || 'no cause was told'} ${advice(cluster)}`.slice(
    0,
    MAX_MESSAGE,
  );
  const failures = cluster.failures + 1;
  const wait = Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY);
  const retryAt = deleting || isInitialized(cluster) ? new Date(Date.now() + wait * 1000).toISOString() : undefined;
  if (await releaseLock(cluster.id, executionArn, { status: 'ERROR', statusMessage: message, failures, retryAt })) {
    await recordEvent(cluster.id, { type: 'ClusterFailed', message, execution: executionArn });
  }
}

/** The cluster that a run was started for: by id, or by the description from which it registered one. */
async function clusterOf(input: string | null | undefined): Promise<number | undefined> {
  const { clusterId, organization, cluster } = started.parse(JSON.parse(input ?? '{}'));
  if (clusterId !== undefined) return clusterId;
  return organization && cluster ? (await findName(organization, cluster.name))?.clusterId : undefined;
}

function advice(cluster: Pick<Cluster, 'id' | 'deletionRequestedAt' | 'leader'>): string {
  const { id, deletionRequestedAt } = cluster;
  if (deletionRequestedAt) return `Mend that. It is tried again by itself, or at once: slipway delete ${id}`;
  if (isInitialized(cluster)) return 'It is tried again by itself; mend the cause, or ask for other node pools.';
  return `What was made is kept for inspection. Remove it with: slipway delete ${id}`;
}
