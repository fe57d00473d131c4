import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../errors.ts';
import { connectionPartition, keys, SESSION } from './keys.ts';
import { ConditionFailed, deleteItem, queryItems, updateItem } from './table.ts';

/** Seconds after which a session whose borrower does not renew its lease is free again: its function was killed. */
const LEASE_SECONDS = 60;
const PAUSE_MS = 500;

/** A vCenter session that is lent to one function at a time. */
export interface Session {
  connectionId: string;
  slot: number;
  borrower: string;
  /** Its sealed cookie; none where nobody signed in yet. */
  sealed?: string;
  /** The one before did not give it back, or got no answer: it may have signed in without telling. */
  abandoned: boolean;
}

interface Slot {
  slot: number;
  sealed?: string;
  borrower?: string;
  until?: number;
  doubtful?: boolean;
}

/**
 * Borrows one of a connection's sessions: one that is signed in already where there is one. Waits a while where all are lent.
 * @param max how many sessions the connection may have, over all functions together
 * @throws VCenterBusy
 */
export async function borrowSession(
  connectionId: string,
  borrower: string,
  max: number,
  patienceSeconds: number,
): Promise<Session> {
  for (const end = Date.now() + patienceSeconds * 1000; ; ) {
    const known = new Map(
      (await queryItems<Slot>(connectionPartition(connectionId), SESSION)).map((slot) => [slot.slot, slot]),
    );
    const slots = Array.from({ length: max }, (_, slot): Slot => known.get(slot) ?? { slot });
    const free = slots.filter(({ until }) => until === undefined || until < Date.now());
    for (const slot of free.toSorted((a, b) => Number(!a.sealed) - Number(!b.sealed))) {
      const session = await lend(connectionId, slot, borrower);
      if (session) return session;
    }
    if (Date.now() > end) {
      throw new SlipwayError(
        'VCenterBusy',
        `All ${max} sessions of the connection are in use. Raise its maxSessions, or wait.`,
        503,
      );
    }
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }
}

async function lend(connectionId: string, slot: Slot, borrower: string): Promise<Session | undefined> {
  try {
    const lent = await updateItem<Slot>(keys.session(connectionId, slot.slot), {
      condition: slot.borrower ? 'borrower = :before AND #until = :was' : 'attribute_not_exists(borrower)',
      update: 'SET #slot = :slot, borrower = :borrower, #until = :until',
      names: { '#slot': 'slot', '#until': 'until' },
      values: {
        ':slot': slot.slot,
        ':borrower': borrower,
        ':until': Date.now() + LEASE_SECONDS * 1000,
        ...(slot.borrower && { ':before': slot.borrower, ':was': slot.until }),
      },
    });
    return {
      connectionId,
      slot: slot.slot,
      borrower,
      sealed: lent.sealed,
      abandoned: slot.borrower !== undefined || slot.doubtful === true,
    };
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
}

/** Keeps a session for longer, and its cookie where it has a new one. Nothing happens where another borrowed it meanwhile. */
export async function keepSession(session: Session): Promise<void> {
  await write(session, { ':until': Date.now() + LEASE_SECONDS * 1000 }, ['#until = :until'], '');
}

/** Gives a session back, for others to go on with. @param doubtful a login's answer was lost */
export async function returnSession(session: Session, doubtful: boolean): Promise<void> {
  if (doubtful) await write(session, { ':true': true }, ['doubtful = :true'], 'REMOVE borrower, #until');
  else await write(session, {}, [], 'REMOVE borrower, #until, doubtful');
}

async function write(
  { connectionId, slot, borrower, sealed }: Session,
  values: Record<string, unknown>,
  set: string[],
  remove: string,
): Promise<void> {
  const all = sealed ? [...set, 'sealed = :sealed'] : set;
  try {
    await updateItem(keys.session(connectionId, slot), {
      condition: 'borrower = :borrower',
      update: `${all.length > 0 ? `SET ${all.join(', ')}` : ''} ${remove}`,
      names: { '#until': 'until' },
      values: { ...values, ':borrower': borrower, ...(sealed && { ':sealed': sealed }) },
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Forgets the sessions of a connection that is removed. vCenter ends them when they have idled for a while. */
export async function forgetSessions(connectionId: string): Promise<void> {
  for (const { slot } of await queryItems<Slot>(connectionPartition(connectionId), SESSION)) {
    await deleteItem(keys.session(connectionId, slot));
  }
  await deleteItem(keys.clones(connectionId));
}
