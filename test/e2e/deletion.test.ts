import { beforeAll, expect, test } from 'vitest';
import { api, aws, control, create, pool, registerConnection, scaleCheck, settled, until, vms } from './harness.ts';

beforeAll(() => registerConnection());

/** Lets the time pass until what failed may be tried again. */
async function passRetryTime(id: number): Promise<void> {
  await aws('dynamodb', 'DynamoDB_20120810.UpdateItem', {
    TableName: 'slipway-local',
    Key: { pk: { S: `CLUSTER#${id}` }, sk: { S: 'META' } },
    UpdateExpression: 'SET retryAt = :past',
    ExpressionAttributeValues: { ':past': { S: new Date(0).toISOString() } },
  });
}

test('a deletion that failed is tried again by itself, and nothing else is done to the cluster meanwhile', async () => {
  const id = await create('going', 1, 2);
  await control('PUT', '/methods/Destroy_Task', { fail: 'before', fault: '503' });
  await api('DELETE', `/clusters/${id}`);
  const { status, statusMessage } = await settled(id);
  expect([status, statusMessage]).toEqual([
    'ERROR',
    expect.stringMatching(/^Deletion failed: .* tried again by itself/),
  ]);
  await control('DELETE', '/methods');

  const nodepools = [pool('masters', 'master', 1), pool('workers', 'worker', 3)];
  const refused = await api('PUT', `/clusters/${id}`, { nodepools });
  expect([refused.status, refused.body.message]).toEqual([409, 'Cluster going is being deleted.']);
  // Not yet: a failure asks to wait.
  expect((await scaleCheck()).started).toEqual([]);

  await passRetryTime(id);
  expect((await scaleCheck()).started).toEqual([expect.stringContaining('delete-cluster')]);
  await until(
    () => api('GET', `/clusters/${id}`),
    ({ status }) => status === 404,
  );
  expect((await vms()).filter(({ name }) => name.startsWith('going-'))).toEqual([]);
});
