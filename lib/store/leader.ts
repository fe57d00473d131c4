import type { Cluster, Leader } from '../cluster/cluster.ts';
import { keys } from './keys.ts';
import { ConditionFailed, updateItem } from './table.ts';

const names = { '#leader': 'leader', '#hostname': 'hostname', '#epoch': 'epoch' };

/**
 * Makes a node the leader, if there is none: one conditional write, so that of many that ask at once one wins.
 * @returns who leads now, and whether it is the one that asked just now
 */
export async function electLeader(
  cluster: Cluster,
  hostname: string,
  ip: string,
): Promise<{ leader: Leader; elected: boolean }> {
  const leader: Leader = { hostname, ip, epoch: cluster.lastEpoch + 1, ready: false };
  try {
    await updateItem(keys.meta(cluster.id), {
      condition: 'attribute_exists(pk) AND attribute_not_exists(#leader) AND lastEpoch = :last',
      update: 'SET #leader = :leader, lastEpoch = :epoch',
      names: { '#leader': 'leader' },
      values: { ':leader': leader, ':epoch': leader.epoch, ':last': cluster.lastEpoch },
    });
    return { leader, elected: true };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const now = error.item as unknown as Cluster | undefined;
    if (now?.leader) return { leader: now.leader, elected: false };
    if (!now) throw error;
    // Somebody was elected and deposed since the cluster was read: try with what stands there now.
    return await electLeader(now, hostname, ip);
  }
}

/** The leader has brought its API server up. */
export async function markLeaderReady(clusterId: number, hostname: string): Promise<boolean> {
  return await changed(
    updateItem(keys.meta(clusterId), {
      condition: '#leader.#hostname = :hostname',
      update: 'SET #leader.ready = :true',
      names: { '#leader': 'leader', '#hostname': 'hostname' },
      values: { ':hostname': hostname, ':true': true },
    }),
  );
}

/** Deposes a leader that is dead before it was ready: the next one that asks is elected, with the next epoch. */
export async function deposeLeader(clusterId: number, leader: Pick<Leader, 'hostname' | 'epoch'>): Promise<boolean> {
  return await changed(
    updateItem(keys.meta(clusterId), {
      condition: '#leader.#hostname = :hostname AND #leader.#epoch = :epoch AND #leader.ready = :false',
      update: 'REMOVE #leader',
      names,
      values: { ':hostname': leader.hostname, ':epoch': leader.epoch, ':false': false },
    }),
  );
}

/** Hands the leadership of a running control plane to another member, when the leader is removed. */
export async function transferLeader(
  clusterId: number,
  from: Leader,
  to: { hostname: string; ip: string },
): Promise<boolean> {
  const leader: Leader = { ...to, epoch: from.epoch + 1, ready: true };
  return await changed(
    updateItem(keys.meta(clusterId), {
      condition: '#leader.#hostname = :hostname AND #leader.#epoch = :epoch',
      update: 'SET #leader = :leader, lastEpoch = :next',
      names,
      values: { ':hostname': from.hostname, ':epoch': from.epoch, ':leader': leader, ':next': leader.epoch },
    }),
  );
}

async function changed(update: Promise<unknown>): Promise<boolean> {
  try {
    await update;
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
