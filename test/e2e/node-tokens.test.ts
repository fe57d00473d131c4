import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueNodeToken, type SigningKey } from '../../lib/tokens/index.ts';
import { api, aws, cloud, create, registerConnection, remove } from './harness.ts';

let id: number;
let key: SigningKey;

/** A token as a node of the cluster has it. */
async function tokenOf(name: string, clusterId = id): Promise<string> {
  const { body: nodes } = await api('GET', `/clusters/${id}/nodes`);
  const node = nodes.find((each: { name: string }) => each.name === name);
  const serial = Number(BigInt(`0x${node.instanceUuid.slice(-8)}`) & 0x3fffffffn);
  return await issueNodeToken(key, {
    ...{ issuer: cloud.api, organization: 1, clusterId, node: name, serial, role: node.role, pool: node.pool },
    ttlSeconds: 60,
  });
}

beforeAll(async () => {
  await registerConnection();
  id = await create('tokens', 1, 1);
  const secret = { SecretId: 'slipway/local/token-signing-key' };
  key = JSON.parse(
    (await aws<{ SecretString: string }>('secretsmanager', 'secretsmanager.GetSecretValue', secret)).SecretString,
  );
});
afterAll(() => remove(id));

describe('a node token', () => {
  const certificates = (token: string) =>
    api('GET', `/secrets?type=pkecert&values=true&tags=clusterID:${id}`, undefined, token);

  test('is accepted for its own node', async () => {
    const { status, body } = await api(
      'GET',
      `/clusters/${id}/pke/ready`,
      undefined,
      await tokenOf('tokens-workers-01'),
    );
    expect([status, body]).toEqual([200, { master: { ready: true } }]);
  });
  test('of a worker does not read the CA keys', async () => {
    const { status, body } = await certificates(await tokenOf('tokens-workers-01'));
    expect([status, body.error]).toEqual([403, 'Forbidden']);
  });
  test('of a master that is ready does not read them any more', async () => {
    const { status, body } = await certificates(await tokenOf('tokens-masters-01'));
    expect([status, body.message]).toEqual([403, expect.stringContaining('any more')]);
  });
  test('is no good for another cluster', async () => {
    const other = await tokenOf('tokens-workers-01', id + 1000);
    expect((await api('GET', `/clusters/${id}/pke/ready`, undefined, other)).status).toBe(403);
    expect((await api('GET', `/clusters/${id}/bootstrap`, undefined, other)).status).toBe(403);
  });
  test('is no good where users are asked for', async () => {
    const token = await tokenOf('tokens-masters-01');
    expect((await api('GET', '/clusters', undefined, token)).status).toBe(403);
    expect((await api('GET', `/clusters/${id}/config`, undefined, token)).status).toBe(403);
  });
  test('gets no second bootstrap token', async () => {
    expect((await api('GET', `/clusters/${id}/bootstrap`, undefined, await tokenOf('tokens-workers-01'))).status).toBe(
      410,
    );
  });
});
