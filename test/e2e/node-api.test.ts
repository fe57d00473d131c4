/** The edges of what nodes may call: whatever a node sends, it is answered with a reason, and changes nothing that is not its own. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueNodeToken, type SigningKey } from '../../lib/tokens/index.ts';
import { api, aws, cloud, create, registerConnection, remove } from './harness.ts';

const CALLS = [
  ['POST', 'pke/leader'],
  ['GET', 'pke/leader'],
  ['DELETE', 'pke/leader'],
  ['GET', 'pke/ready'],
  ['POST', 'pke/ready'],
  ['GET', 'bootstrap'],
  ['POST', 'pke/status'],
  ['GET', 'pke/commands'],
] as const;
const POSTS = ['pke/leader', 'pke/ready', 'pke/status'] as const;

let id: number;
let other: number;
let master: string;
let worker: string;

async function tokenOf(key: SigningKey, clusterId: number, name: string): Promise<string> {
  const { body: nodes } = await api('GET', `/clusters/${clusterId}/nodes`);
  const node = nodes.find((each: { name: string }) => each.name === name);
  const serial = Number(BigInt(`0x${node.instanceUuid.slice(-8)}`) & 0x3fffffffn);
  const { role, pool } = node;
  const claims = { issuer: cloud.api, organization: 1, clusterId, node: name, serial, role, pool };
  return await issueNodeToken(key, { ...claims, ttlSeconds: 600 });
}

/** What callbacks may change: nodes, the leader, the timeline. */
const state = async (clusterId: number) =>
  await Promise.all(['', '/nodes', '/events?limit=200'].map((part) => api('GET', `/clusters/${clusterId}${part}`)));

beforeAll(async () => {
  await registerConnection();
  [id, other] = await Promise.all([create('edges', 1, 1), create('others', 1, 0)]);
  const secret = { SecretId: 'slipway/local/token-signing-key' };
  const { SecretString } = await aws<{ SecretString: string }>(
    'secretsmanager',
    'secretsmanager.GetSecretValue',
    secret,
  );
  const key: SigningKey = JSON.parse(SecretString);
  [master, worker] = await Promise.all([tokenOf(key, id, 'edges-masters-01'), tokenOf(key, id, 'edges-workers-01')]);
});
afterAll(() => Promise.all([remove(id), remove(other)]));

/** Refusals are told alike. */
function expectRefusal({ status, body }: { status: number; body: Record<string, unknown> }, ...allowed: number[]) {
  expect(allowed).toContain(status);
  expect(body).toMatchObject({ code: status, message: expect.any(String), error: expect.any(String) });
}

describe('a node’s token', () => {
  test.each(CALLS)('is no good for another cluster: %s %s', async (method, call) => {
    const before = await state(other);
    const body = method === 'POST' ? { hostname: 'others-masters-01', ip: '10.0.0.1' } : undefined;
    for (const token of [master, worker]) {
      expectRefusal(await api(method, `/clusters/${other}/${call}`, body, token), 403);
    }
    expect(await state(other)).toEqual(before);
  });

  test('is no good for another cluster’s or organization’s keys', async () => {
    for (const path of [
      `/secrets?type=pkecert&values=true&tags=clusterID:${other}`,
      `/api/v1/orgs/2/secrets?type=pkecert&values=true&tags=clusterID:${id}`,
    ]) {
      for (const token of [master, worker]) expectRefusal(await api('GET', path, undefined, token), 403);
    }
  });
});

test('a cluster’s id that is no positive 32-bit integer is refused', async () => {
  const wrong = fc.oneof(
    fc.bigInt({ min: 0x80000000n, max: 10n ** 30n }).map(String),
    fc.integer({ max: 0 }).map(String),
    fc.constantFrom(`${id}.0`, `0x${id.toString(16)}`, `${id}e0`, `+${id}`, 'NaN', 'null', `%20${id}`, `${id}%00`),
  );
  await fc.assert(
    fc.asyncProperty(wrong, fc.constantFrom(...CALLS), async (text, [method, call]) => {
      const body = method === 'POST' ? {} : undefined;
      expectRefusal(await api(method, `/clusters/${text}/${call}`, body, master), 400, 404);
    }),
    { numRuns: 40 },
  );
});

/** Bodies: some that have the fields, of any type; some of anything. */
const body = fc.oneof(
  fc.record(
    {
      hostname: fc.oneof(fc.constant('edges-masters-01'), fc.jsonValue()),
      name: fc.oneof(fc.string(), fc.jsonValue()),
      nodePool: fc.oneof(fc.string(), fc.jsonValue()),
      ip: fc.oneof(fc.ipV4(), fc.jsonValue()),
      status: fc.oneof(fc.constantFrom('running', 'failed', 'finished', 'canceled'), fc.jsonValue()),
      phase: fc.oneof(fc.string(), fc.jsonValue()),
      message: fc.oneof(fc.string({ maxLength: 5000 }), fc.jsonValue()),
      final: fc.oneof(fc.boolean(), fc.jsonValue()),
      processId: fc.oneof(fc.string(), fc.jsonValue()),
      config: fc.oneof(fc.base64String(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

test('a node that is ready may send what it likes: nothing of its cluster changes', async () => {
  const before = await state(id);
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(...POSTS), fc.boolean(), async (sent, call, leads) => {
      const answer = await api('POST', `/clusters/${id}/${call}`, JSON.stringify(sent), leads ? master : worker);
      if (answer.status === 200) return;
      // A 409 may tell who leads.
      if (answer.status === 409 && call === 'pke/leader' && answer.body.hostname) return;
      expectRefusal(answer, 400, 403, 409);
    }),
    { numRuns: 80 },
  );
  expect(await state(id)).toEqual(before);
});

test.each([
  ['nothing', '', 400],
  ['no JSON', '{"name":', 400],
  ['a list of lists of lists', '['.repeat(50_000) + ']'.repeat(50_000), 400],
  ['another prototype', '{"__proto__":{"name":"x"},"constructor":1}', 400],
  ['more than is read', JSON.stringify({ message: 'x'.repeat(256 * 1024) }), 413],
])('a body of %s is refused', async (_, text, status) => {
  for (const call of POSTS.slice(1)) {
    expectRefusal(await api('POST', `/clusters/${id}/${call}`, text, master), status);
  }
});
