import { keys } from './keys.ts';
import { ConditionFailed, getItem, putItem, updateItem, withoutKey } from './table.ts';

/** Days after which the record of a wave disappears by itself. */
const KEEP_DAYS = 7;

/** The nodes that one run launches together. */
export interface Wave {
  id: string;
  clusterId: number;
  /** How many nodes it has, and how many of their launches have ended. */
  size: number;
  settled: number;
  /** How many of them failed. */
  failed: number;
  /** Whether the bootstrap tokens of its nodes were created in the cluster. */
  tokensIssued: boolean;
  /** The task token of the workflow, while it waits. */
  taskToken?: string;
}

/** Writes a wave's record, unless a run of the same step did. */
export async function createWave(wave: Wave): Promise<void> {
  const ttl = Math.floor(Date.now() / 1000) + KEEP_DAYS * 86_400;
  try {
    await putItem({ ...keys.wave(wave.clusterId, wave.id), ...wave, ttl }, { condition: 'attribute_not_exists(pk)' });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

export async function findWave(clusterId: number, id: string): Promise<Wave | undefined> {
  const item = await getItem<Wave>(keys.wave(clusterId, id));
  return item && withoutKey(item);
}

/** Records who waits. What happens after this finds the token; what happened before is read from the answer. */
export async function awaitWave(clusterId: number, id: string, taskToken: string): Promise<Wave> {
  return await updateItem<Wave>(keys.wave(clusterId, id), {
    condition: 'attribute_exists(pk)',
    update: 'SET taskToken = :token',
    values: { ':token': taskToken },
  });
}

export async function markTokensIssued(clusterId: number, id: string): Promise<void> {
  await updateItem(keys.wave(clusterId, id), {
    condition: 'attribute_exists(pk)',
    update: 'SET tokensIssued = :true',
    values: { ':true': true },
  });
}
