import { succeedTask } from '../aws/executions.ts';
import { type Cluster, isInitialized } from '../cluster/cluster.ts';
import { getCluster } from '../store/clusters.ts';
import { findWave, type Wave } from '../store/waves.ts';

/** What a workflow that waits for its wave has to do next. */
export type WaveNews = 'issue-bootstrap-tokens' | 'settled';

/** Whether there is anything to wake the workflow for: a leader that others can join, a failure, or the end of the wave. */
export function waveNews(cluster: Cluster, wave: Wave): WaveNews | undefined {
  if (wave.failed > 0 || wave.settled >= wave.size) return 'settled';
  if (isInitialized(cluster) && !wave.tokensIssued) return 'issue-bootstrap-tokens';
  return undefined;
}

/** Wakes the workflow that waits for a wave, if there is news for it. Called after each change that may be news. */
export async function wakeWave(clusterId: number, waveId: string): Promise<void> {
  const [cluster, wave] = await Promise.all([getCluster(clusterId), findWave(clusterId, waveId)]);
  const next = wave && waveNews(cluster, wave);
  if (next && wave.taskToken) await succeedTask(wave.taskToken, { next });
}
