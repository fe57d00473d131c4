import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { dynamodb } from '../aws/clients.ts';
import { settings } from '../aws/settings.ts';
import { eachLimited } from '../each-limited.ts';

/** An item's key: partition and sort key, named as in docs/store.md. */
export interface Key {
  pk: string;
  sk: string;
}

/** A condition on the item, with the names (`#x`) and values (`:x`) that it and the update use. */
export interface Expression {
  condition?: string;
  update?: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
}

/** The write was refused by its condition. `item` is what stands there instead, where there is something. */
export class ConditionFailed<T = Record<string, unknown>> extends Error {
  override readonly name = 'ConditionFailed';
  readonly item: T | undefined;
  constructor(item: T | undefined) {
    super('the condition of a write was not met');
    this.item = item;
  }
}

const options = { removeUndefinedValues: true };
const toItem = (value: object) => marshall(value, options);
const fromItem = <T>(item: Record<string, AttributeValue>) => unmarshall(item) as T;

/** The parts of a DynamoDB request that an expression makes. */
export function toRequest({ condition, update, names, values }: Expression) {
  return {
    ConditionExpression: condition,
    UpdateExpression: update,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values && marshall(values, options),
  };
}

/** The table and a key, as a DynamoDB request has them. */
export const at = (key: Key) => ({ TableName: settings().SLIPWAY_TABLE, Key: marshall({ pk: key.pk, sk: key.sk }) });

async function conditional<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      throw new ConditionFailed(error.Item && fromItem(error.Item));
    }
    throw error;
  }
}

/** Reads one item, consistently. */
export async function getItem<T>(key: Key): Promise<T | undefined> {
  const { Item } = await dynamodb().send(new GetItemCommand({ ...at(key), ConsistentRead: true }));
  return Item && fromItem<T>(Item);
}

/**
 * Writes a whole item.
 * @throws ConditionFailed
 */
export async function putItem<T extends Key>(item: T, expression: Expression): Promise<void> {
  await conditional(
    dynamodb().send(
      new PutItemCommand({
        TableName: settings().SLIPWAY_TABLE,
        Item: toItem(item),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...toRequest(expression),
      }),
    ),
  );
}

/**
 * Updates an item and returns what it has become.
 * @throws ConditionFailed
 */
export async function updateItem<T>(key: Key, expression: Expression): Promise<T> {
  const request: UpdateItemCommandInput = {
    ...at(key),
    ...toRequest(expression),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const { Attributes } = await conditional(dynamodb().send(new UpdateItemCommand(request)));
  return fromItem<T>(Attributes ?? {});
}

/**
 * Deletes an item; one that is gone already counts as deleted, unless the condition says otherwise.
 * @throws ConditionFailed
 */
export async function deleteItem(key: Key, expression: Expression = {}): Promise<void> {
  await conditional(
    dynamodb().send(
      new DeleteItemCommand({ ...at(key), ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...toRequest(expression) }),
    ),
  );
}

/** Items that one request deletes (BatchWriteItem), and requests under way at once. */
const BATCH = 25;
const AT_ONCE = 4;
/** Milliseconds before what DynamoDB left undone is asked for again; doubled each time. */
const PAUSE_MS = 50;

/** Deletes many items; those that are gone already count as deleted. */
export async function deleteItems(items: readonly Key[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) =>
    items.slice(i * BATCH, (i + 1) * BATCH),
  );
  await eachLimited(batches, AT_ONCE, async (batch) => {
    const { SLIPWAY_TABLE: table } = settings();
    let left = batch.map(({ pk, sk }): WriteRequest => ({ DeleteRequest: { Key: marshall({ pk, sk }) } }));
    for (let pause = PAUSE_MS; left.length > 0; pause *= 2) {
      const { UnprocessedItems } = await dynamodb().send(
        new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
      );
      left = UnprocessedItems?.[table] ?? [];
      if (left.length > 0) await sleep(pause);
    }
  });
}

/** Every item of a partition, or those whose sort key begins with `prefix`, in order, over all pages. */
export async function queryItems<T>(pk: string, prefix?: string): Promise<T[]> {
  const items: T[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamodb().send(
      new QueryCommand({
        TableName: settings().SLIPWAY_TABLE,
        KeyConditionExpression: prefix ? 'pk = :pk AND begins_with(sk, :prefix)' : 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': pk, ':prefix': prefix }, options),
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(page.Items ?? []).map((item) => fromItem<T>(item)));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}

/** One page of a partition between two sort keys (both exclusive), in order. */
export async function queryPage<T>(pk: string, after: string, before: string, limit: number): Promise<T[]> {
  const page = await dynamodb().send(
    new QueryCommand({
      TableName: settings().SLIPWAY_TABLE,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :before',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':after': `${after}\u0000`, ':before': before }),
      Limit: limit,
    }),
  );
  return (page.Items ?? []).map((item) => fromItem<T>(item));
}

/** Removes the table's own attributes from an item. */
export function withoutKey<T extends object>(item: T & Partial<Key> & { ttl?: number }): T {
  const { pk, sk, ttl, ...rest } = item;
  return rest as unknown as T;
}
