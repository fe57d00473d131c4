import { conflict } from '../errors.ts';
import { findCluster } from './clusters.ts';
import { ETCD, keys, organizationPartition } from './keys.ts';
import { ConditionFailed, deleteItem, putItem, queryItems } from './table.ts';

/** Seconds after which a prefix that was reserved for a cluster that never came may be taken by another. */
const CLAIM_SECONDS = 60;

/** A prefix in an etcd, and the one cluster that keeps its state below it. */
export interface Reservation {
  /** An endpoint, or `cluster-<id>` of an etcd cluster of ours. */
  place: string;
  prefix: string;
  clusterId: number;
  name: string;
  reservedAt: string;
}

/** Where a reservation in an etcd cluster of ours is made. */
export const placeOf = (etcdClusterId: number) => `cluster-${etcdClusterId}`;

/**
 * Reserves a prefix in each place of an etcd, all or none. Who holds it already takes it again.
 * @throws Conflict naming the cluster that has it
 */
export async function reservePrefix(
  organization: number,
  places: readonly string[],
  claim: Pick<Reservation, 'prefix' | 'clusterId' | 'name'>,
): Promise<void> {
  const taken: string[] = [];
  try {
    // In one order, so that of two that want the same places one gets them all.
    for (const place of places.toSorted()) {
      await reserve(organization, { ...claim, place, reservedAt: new Date().toISOString() });
      taken.push(place);
    }
  } catch (error) {
    await returnPrefix(organization, taken, claim);
    throw error;
  }
}

async function reserve(organization: number, claim: Reservation): Promise<void> {
  const item = { ...keys.etcdPrefix(organization, claim.place, claim.prefix), ...claim };
  try {
    await putItem(item, {
      condition: 'attribute_not_exists(pk) OR clusterId = :id',
      values: { ':id': claim.clusterId },
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const holder = error.item as unknown as Reservation;
    const abandoned =
      Date.parse(holder.reservedAt) < Date.now() - CLAIM_SECONDS * 1000 && !(await findCluster(holder.clusterId));
    if (!abandoned) {
      throw conflict(
        `etcd.prefix: cluster ${holder.name} (id ${holder.clusterId}) keeps its state below ${claim.prefix} there already: choose another prefix.`,
      );
    }
    await putItem(item, { condition: 'clusterId = :old', values: { ':old': holder.clusterId } });
  }
}

/** Gives a prefix back; one that is another cluster's, or nobody's, stays as it is. */
export async function returnPrefix(
  organization: number,
  places: readonly string[],
  { prefix, clusterId }: Pick<Reservation, 'prefix' | 'clusterId'>,
): Promise<void> {
  for (const place of places) {
    await deleteItem(keys.etcdPrefix(organization, place, prefix), {
      condition: 'attribute_not_exists(pk) OR clusterId = :id',
      values: { ':id': clusterId },
    }).catch((error) => {
      if (!(error instanceof ConditionFailed)) throw error;
    });
  }
}

/** The clusters that keep their state in an etcd cluster of ours. */
export async function prefixesIn(organization: number, etcdClusterId: number): Promise<Reservation[]> {
  return await queryItems<Reservation>(organizationPartition(organization), `${ETCD}${placeOf(etcdClusterId)}#`);
}
