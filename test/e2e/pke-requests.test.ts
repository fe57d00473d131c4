/**
 * The requests that were recorded of the program pke, replayed against the deployed API by the client that the guests have too. The
 * VMs' clones are held back meanwhile, so that the test speaks for each node.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueNodeToken, type SigningKey } from '../../lib/tokens/index.ts';
import { pke } from '../../local/guest/pke.ts';
import type { PkeCall } from '../../local/guest/pke-client.ts';
import { api, aws, cloud, control, description, registerConnection, remove, until } from './harness.ts';

/** A network in which no guest is. */
const NETWORK = '127.253.7';
const HOLD_MS = 20_000;

let directory: string;
let key: SigningKey;
let id: number;
let lone: number;

type Listed = {
  name: string;
  role: 'master' | 'worker';
  pool: string;
  instanceUuid: string;
  status: string;
  message?: string;
};
const nodes = async (id: number): Promise<Listed[]> => (await api('GET', `/clusters/${id}/nodes`)).body;

async function tokenOf(id: number, name: string): Promise<string> {
  const { role, pool, instanceUuid } = (await nodes(id)).find((each) => each.name === name) as Listed;
  const serial = Number(BigInt(`0x${instanceUuid.slice(-8)}`) & 0x3fffffffn);
  const claims = { issuer: cloud.api, organization: 1, clusterId: id, node: name, serial, role, pool };
  return await issueNodeToken(key, { ...claims, ttlSeconds: 60 });
}

/** Runs the command line of a node's pool as the node program does: a shell expands it, with the node's variables. */
async function run(id: number, name: string, pool: string, address: string): Promise<string[]> {
  const token = await tokenOf(id, name);
  const { body: commands } = await api('GET', `/clusters/${id}/pke/commands`, undefined, token);
  expect(JSON.stringify(commands)).not.toContain(token);
  const variables = { PIPELINE_TOKEN: token, IP: address, NODE_NAME: name, NODE_LABELS: `slipway/pool=${pool}` };
  const script = `pke() { printf '%s\\n' "$@"; }\n${commands[pool]}\n`;
  const args = execFileSync('/bin/sh', ['-c', script], { env: variables }).toString().trim().split('\n');
  const calls = await pke(args, { name, address, rootfs: join(directory, name), shared: join(directory, 'etcd') });
  return once(calls.map((call) => told(id, call)));
}

/** A call, without what differs from run to run. */
const told = (id: number, { method, path, status }: PkeCall) =>
  `${method} ${path.replace('/api/v1/orgs/1', '').replace(`clusters/${id}`, 'clusters/{id}').replace(`%3A${id}`, '%3A{id}')} ${status}`;
/** Calls that follow each other as one: phases, and those that are made again. */
const once = (calls: string[]) => calls.filter((call, index) => call !== calls[index - 1]);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-pke-'));
  await registerConnection();
  await control('PUT', '/methods/CloneVM_Task', { delayMs: HOLD_MS });
  const older = { distribution: 'pke', kubernetes: { version: '1.22.17' } };
  const endpoint = { address: `${NETWORK}.1` };
  id = (await api('POST', '/clusters', { ...description('recorded', 3, 1), ...older, endpoint })).body.id;
  lone = (await api('POST', '/clusters', { ...description('lone', 1, 0), ...older })).body.id;
  for (const [cluster, size] of [
    [id, 4],
    [lone, 1],
  ] as const) {
    const asked = (all: Listed[]) => all.length === size && all.every(({ status }) => status === 'cloning');
    await until(() => nodes(cluster), asked, 30);
  }
  const secret = { SecretId: 'slipway/local/token-signing-key' };
  key = JSON.parse(
    (await aws<{ SecretString: string }>('secretsmanager', 'secretsmanager.GetSecretValue', secret)).SecretString,
  );
});
afterAll(async () => {
  try {
    await control('DELETE', '/methods');
    await Promise.all([remove(id), remove(lone)]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const STATUS = 'POST /clusters/{id}/pke/status 200';

test('a message that is longer than is kept is heard, and its end kept', async () => {
  const message = `${'x'.repeat(5000)} Error: nothing works`;
  const report = { name: 'any', nodePool: 'masters', message, phase: 'master', status: 'running' };
  const token = await tokenOf(id, 'recorded-masters-03');
  const answer = await api('POST', `/clusters/${id}/pke/status`, report, token);
  expect([answer.status, typeof answer.body.processId]).toEqual([200, 'string']);
  const node = (await nodes(id)).find(({ name }) => name === 'recorded-masters-03');
  expect(node?.message).toBe(message.slice(-2000));
});

describe('what pke asks, and how it is answered', () => {
  // The address is the cluster's endpoint, for there is nobody to hold that.
  test('by the first master, which leads', async () => {
    expect(await run(id, 'recorded-masters-01', 'masters', `${NETWORK}.1`)).toEqual([
      STATUS,
      'GET /secrets?tags=clusterID%3A{id}&type=pkecert&values=true 200',
      STATUS,
      'POST /clusters/{id}/pke/leader 201',
      STATUS,
      'POST /clusters/{id}/pke/ready 200',
      STATUS,
    ]);
  });

  test('by a further master, which follows', async () => {
    const calls = await run(id, 'recorded-masters-02', 'masters', `${NETWORK}.2`);
    expect(calls.filter((call) => call !== 'GET /clusters/{id}/bootstrap 503')).toEqual([
      STATUS,
      'GET /secrets?tags=clusterID%3A{id}&type=pkecert&values=true 200',
      STATUS,
      'POST /clusters/{id}/pke/leader 409',
      'GET /clusters/{id}/pke/leader 200',
      'GET /clusters/{id}/pke/ready 200',
      'GET /clusters/{id}/bootstrap 200',
      STATUS,
      'POST /clusters/{id}/pke/ready 200',
      STATUS,
    ]);
  });

  test('by a worker', async () => {
    expect(await run(id, 'recorded-workers-01', 'workers', `${NETWORK}.3`)).toEqual([
      STATUS,
      'GET /clusters/{id}/bootstrap 200',
      STATUS,
      'POST /clusters/{id}/pke/ready 200',
      STATUS,
    ]);
  });

  test('and the API has it that they are ready', async () => {
    const ready = (await nodes(id)).filter(({ status }) => status === 'ready').map(({ name }) => name);
    expect(ready).toEqual(['recorded-masters-01', 'recorded-masters-02', 'recorded-workers-01']);
  });

  test('by a lone master, which leads without asking', async () => {
    expect(await run(lone, 'lone-masters-01', 'masters', `${NETWORK}.9`)).toEqual([
      STATUS,
      'GET /secrets?tags=clusterID%3A{id}&type=pkecert&values=true 200',
      STATUS,
      'POST /clusters/{id}/pke/ready 200',
      STATUS,
    ]);
    expect((await api('GET', `/clusters/${lone}`)).body.leader).toBe('lone-masters-01');
  });
});
