import { keys } from './keys.ts';
import { updateItem } from './table.ts';

/** The next cluster id: counted up atomically, never given twice, a positive 32-bit integer as clients parse it. */
export async function nextClusterId(): Promise<number> {
  const { value } = await updateItem<{ value: number }>(keys.counter('clusters'), {
    update: 'ADD #value :one',
    names: { '#value': 'value' },
    values: { ':one': 1 },
  });
  return value;
}

/** Takes `count` serials for new nodes of a cluster and returns the first of them. */
export async function takeNodeSerials(clusterId: number, count: number): Promise<number> {
  const { serials } = await updateItem<{ serials: number }>(keys.meta(clusterId), {
    condition: 'attribute_exists(pk)',
    update: 'ADD serials :count',
    values: { ':count': count },
  });
  return serials - count + 1;
}
