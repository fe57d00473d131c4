import { setTimeout as sleep } from 'node:timers/promises';
import { TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { dynamodb } from '../aws/clients.ts';
import { LAUNCHING, type Node, type NodeStatus } from '../cluster/node.ts';
import { SlipwayError } from '../errors.ts';
import { clusterPartition, keys, NODE } from './keys.ts';
import {
  at,
  ConditionFailed,
  deleteItem,
  type Expression,
  getItem,
  putItem,
  queryItems,
  toRequest,
  updateItem,
  withoutKey,
} from './table.ts';

/** Tries of a transaction that others disturb, and the pause after the first. */
const CONFLICTS = 8;
const PAUSE_MS = 10;

/** `status IN (…)` of the statuses in which a launch has not ended. */
const launching: Required<Pick<Expression, 'condition' | 'names' | 'values'>> = {
  condition: `#status IN (${LAUNCHING.map((status) => `:${status}`).join(', ')})`,
  names: { '#status': 'status' },
  values: Object.fromEntries(LAUNCHING.map((status) => [`:${status}`, status])),
};

export async function listNodes(clusterId: number): Promise<Node[]> {
  return (await queryItems<Node>(clusterPartition(clusterId), NODE)).map(withoutKey);
}

export async function findNode(clusterId: number, name: string): Promise<Node | undefined> {
  const item = await getItem<Node>(keys.node(clusterId, name));
  return item && withoutKey(item);
}

/** Writes the record of a node to launch, before anything is made for it, or moves one whose launch did not end to this wave. */
export async function enrolNode(node: Node): Promise<void> {
  const key = keys.node(node.clusterId, node.name);
  try {
    await putItem({ ...key, ...node }, { condition: 'attribute_not_exists(pk)' });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // One that was launched by an earlier wave may end its launch meanwhile: then it is not of this one.
    await updateFields(node.clusterId, node.name, { wave: node.wave }, launching);
  }
}

/**
 * Notes that a node's clone is about to be asked for.
 * @returns whether it may have been asked for before
 * @throws ConditionFailed where the node is not (or no longer) to be launched
 */
export async function markCloning(clusterId: number, name: string): Promise<{ mayExist: boolean }> {
  const key = keys.node(clusterId, name);
  try {
    await updateItem(key, {
      condition: '#status = :planned',
      update: 'SET #status = :cloning, askedAt = :now',
      names: launching.names,
      values: { ':planned': 'planned', ':cloning': 'cloning', ':now': new Date().toISOString() },
    });
    return { mayExist: false };
  } catch (error) {
    const status = error instanceof ConditionFailed ? (error.item as unknown as Node | undefined)?.status : undefined;
    if (status && LAUNCHING.includes(status)) return { mayExist: true };
    throw error;
  }
}

/** Has a node that was not asked for yet not be asked for any more. */
export async function dropPlanned(clusterId: number, name: string): Promise<void> {
  await updateFields(
    clusterId,
    name,
    { status: 'removing', phase: 'dead' },
    { condition: '#status = :planned', names: launching.names, values: { ':planned': 'planned' } },
  );
}

/** Records what is known of a node that is being launched. Undefined fields stay as they are. */
export async function updateLaunching(
  clusterId: number,
  name: string,
  fields: Partial<Pick<Node, 'status' | 'vm' | 'task' | 'address' | 'phase' | 'message' | 'processId'>>,
): Promise<boolean> {
  return await updateFields(clusterId, name, fields, launching);
}

/** Sets fields of a node's record, if it is there and the condition holds. */
export async function updateFields(
  clusterId: number,
  name: string,
  fields: Partial<Node>,
  { condition, names, values }: Expression = { condition: 'attribute_exists(pk)' },
): Promise<boolean> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0) return false;
  try {
    await updateItem(keys.node(clusterId, name), {
      condition,
      update: `SET ${given.map(([field]) => `#${field} = :new_${field}`).join(', ')}`,
      names: { ...names, ...Object.fromEntries(given.map(([field]) => [`#${field}`, field])) },
      values: { ...values, ...Object.fromEntries(given.map(([field, value]) => [`:new_${field}`, value])) },
    });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** How a node's launch ended. */
export type Settled = { status: Extract<NodeStatus, 'ready' | 'failed' | 'lost'> } & Partial<
  Pick<Node, 'address' | 'message' | 'readyAt' | 'phase'>
>;

/**
 * Ends a node's launch and counts it in its wave, both or neither, so that however often it is called a node counts once.
 * @returns false where its launch had ended before
 */
export async function settleNode(node: Node, settled: Settled): Promise<boolean> {
  const fields = Object.entries(settled).filter(([, value]) => value !== undefined);
  try {
    const command = () =>
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              ...at(keys.node(node.clusterId, node.name)),
              ...toRequest({
                condition: `${launching.condition} AND wave = :wave`,
                names: { ...launching.names, ...Object.fromEntries(fields.map(([field]) => [`#${field}`, field])) },
                values: {
                  ...launching.values,
                  ':wave': node.wave,
                  ...Object.fromEntries(fields.map(([field, value]) => [`:new_${field}`, value])),
                },
              }),
              UpdateExpression: `SET ${fields.map(([field]) => `#${field} = :new_${field}`).join(', ')}`,
            },
          },
          {
            Update: {
              ...at(keys.wave(node.clusterId, node.wave)),
              ...toRequest({
                condition: 'attribute_exists(pk)',
                values: { ':one': 1, ':failed': settled.status === 'failed' ? 1 : 0 },
              }),
              UpdateExpression: 'ADD settled :one, failed :failed',
            },
          },
        ],
      });
    await untilUndisturbed(() => dynamodb().send(command()));
    return true;
  } catch (error) {
    if (cancelled(error, 'ConditionalCheckFailed')) return false;
    throw error;
  }
}

const cancelled = (error: unknown, code: string) =>
  error instanceof TransactionCanceledException && error.CancellationReasons?.some(({ Code }) => Code === code);

/** Nodes of a wave settle at once: transactions that meet on the wave's record are tried again. */
async function untilUndisturbed<T>(transact: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transact();
    } catch (error) {
      if (!cancelled(error, 'TransactionConflict')) throw error;
      if (tries === CONFLICTS) {
        throw new SlipwayError('TooManyAtOnce', 'Too many nodes report at once: say it again.', 503, { retryAfter: 1 });
      }
      await sleep(Math.random() * PAUSE_MS * 2 ** tries);
    }
  }
}

/** Milliseconds in which a bootstrap token is handed out again: its answer may have been lost. */
const AGAIN_MS = 60_000;

/**
 * Notes that a node's bootstrap token is handed out.
 * @returns false where it was handed out before, and not just now
 */
export async function handOut(clusterId: number, name: string, now = Date.now()): Promise<boolean> {
  try {
    await updateItem(keys.node(clusterId, name), {
      ...launching,
      condition: `${launching.condition} AND (attribute_not_exists(bootstrappedAt) OR bootstrappedAt > :recent)`,
      update: 'SET bootstrappedAt = if_not_exists(bootstrappedAt, :now)',
      values: {
        ...launching.values,
        ':now': new Date(now).toISOString(),
        ':recent': new Date(now - AGAIN_MS).toISOString(),
      },
    });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** Forgets a node whose VM is gone. `serial` guards a replacement of the same name. */
export async function forgetNode(node: Pick<Node, 'clusterId' | 'name' | 'serial'>): Promise<void> {
  try {
    await deleteItem(keys.node(node.clusterId, node.name), {
      condition: 'serial = :serial',
      values: { ':serial': node.serial },
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
