import * as z from 'zod/mini';
import { succeedTask } from '../aws/executions.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { awaitWave as recordWaiter } from '../store/waves.ts';
import { checkLock } from './hold-lock.ts';
import { onWave } from './step-input.ts';
import { waveNews } from './wave-news.ts';

const input = z.extend(onWave, { taskToken: z.string().check(z.minLength(1)) });

/**
 * Waits for news of a wave: records the task token, and ends the wait at once if the news came before. Token first, state
 * second, as callbacks write state first and read the token second: so one of the two sees the other, and none is missed.
 */
export async function awaitWave(value: unknown): Promise<void> {
  const { clusterId, owner, wave, taskToken } = parse(input, value, 'input');
  const recorded = await recordWaiter(clusterId, wave, taskToken);
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const next = waveNews(cluster, recorded);
  if (next) await succeedTask(taskToken, { next });
}
