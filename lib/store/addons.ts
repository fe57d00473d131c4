import type { AddonState } from '../cluster/addon-state.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { keys } from './keys.ts';
import { ConditionFailed, updateItem } from './table.ts';

/** Keeps how an add-on of a cluster is. @returns the cluster as it is now; undefined where it is gone */
export async function setAddon(clusterId: number, name: string, state: AddonState): Promise<Cluster | undefined> {
  try {
    return await updateItem<Cluster>(keys.meta(clusterId), {
      condition: 'attribute_exists(pk) AND attribute_exists(addons)',
      update: 'SET addons.#name = :state',
      names: { '#name': name },
      values: { ':state': state },
    });
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
}
