import { keys } from './keys.ts';
import { ConditionFailed, updateItem } from './table.ts';

/** Notes that what a cluster is told of its vCenter has changed: the scale check has it told. */
export async function markAccountChanged(clusterId: number, at: string): Promise<void> {
  await change(clusterId, {
    condition: 'attribute_exists(pk)',
    update: 'SET accountChangedAt = :at',
    values: { ':at': at },
  });
}

/** Notes that a cluster was told of the change at that time, and of none since. */
export async function markAccountTold(clusterId: number, at: string): Promise<void> {
  await change(clusterId, {
    condition: 'accountChangedAt = :at',
    update: 'REMOVE accountChangedAt',
    values: { ':at': at },
  });
}

/** Keeps the URL of the datastore of a cluster's volumes, which is looked up once. */
export async function keepDatastoreUrl(clusterId: number, url: string): Promise<void> {
  await change(clusterId, {
    condition: 'attribute_exists(pk)',
    update: 'SET datastoreUrl = :url',
    values: { ':url': url },
  });
}

async function change(clusterId: number, expression: Parameters<typeof updateItem>[1]): Promise<void> {
  try {
    await updateItem(keys.meta(clusterId), expression);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
