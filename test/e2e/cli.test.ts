import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { api, cloud, description, registerConnection, vms } from './harness.ts';

const SLIPWAY = join(import.meta.dirname, '..', '..', 'cli', 'slipway.js');
const directory = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line as a user would, in a process of its own. */
function slipway(args: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}) {
  return new Promise<Ended>((resolve) => {
    const child = execFile(
      SLIPWAY,
      args,
      { env: { PATH: process.env.PATH, SLIPWAY_API: cloud.api, SLIPWAY_TOKEN: cloud.token, ...env } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}
const json = async (...args: string[]) => JSON.parse((await slipway([...args, '--output', 'json'])).stdout);

beforeAll(async () => {
  await registerConnection();
});

test('a cluster is created from a file, watched, changed by the file, and deleted', async () => {
  const file = join(directory, 'cluster.json');
  writeFileSync(file, JSON.stringify(description('handmade', 1, 1)));
  const made = await slipway(['create', '-f', file, '--watch']);
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toMatch(/LeaderElected .*handmade-masters-01 leads[\s\S]*handmade is RUNNING: 2 nodes are ready/);

  expect(await json('list')).toContainEqual(expect.objectContaining({ name: 'handmade', status: 'RUNNING' }));
  expect((await json('get', 'handmade')).nodepools[1]).toMatchObject({ name: 'workers', size: 1, ready: 1 });
  expect((await slipway(['get', 'handmade'])).stdout).toMatch(/handmade-workers-01 +workers +worker +ready/);

  writeFileSync(file, JSON.stringify(description('handmade', 1, 2)));
  expect((await slipway(['apply', '-f', file])).code).toBe(0);
  expect((await slipway(['watch', 'handmade'])).stdout).toContain('handmade is RUNNING: 3 nodes are ready');
  expect((await vms()).filter(({ name }) => name.startsWith('handmade-workers'))).toHaveLength(2);

  const target = join(directory, 'kubeconfig');
  expect((await slipway(['kubeconfig', 'handmade', '--to', target])).code).toBe(0);
  expect(statSync(target).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(target, 'utf8')).kind).toBe('Config');

  const exec = JSON.parse((await slipway(['kubeconfig', 'handmade', '--form', 'exec', '--role', 'viewer'])).stdout);
  const [id] = exec.users[0].user.exec.args.slice(1);
  expect(exec.users[0].user.exec).toMatchObject({ command: 'slipway', args: ['credential', id, '--role', 'viewer'] });
  const credential = await slipway(exec.users[0].user.exec.args);
  expect([credential.code, JSON.parse(credential.stdout)]).toEqual([
    0,
    {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: {
        expirationTimestamp: expect.any(String),
        clientCertificateData: expect.stringContaining('BEGIN CERTIFICATE'),
        clientKeyData: expect.stringContaining('PRIVATE KEY'),
      },
    },
  ]);
  const oidc = await slipway(['kubeconfig', 'handmade', '--form', 'oidc']);
  expect([oidc.code, oidc.stderr]).toEqual([1, expect.stringMatching(/form: cluster handmade trusts no OIDC issuer/)]);
  const other = { env: { SLIPWAY_TOKEN: cloud.tokens.viewer } };
  expect((await slipway(['kubeconfig', 'handmade'], other)).code).toBe(0);
  const more = await slipway(['kubeconfig', 'handmade', '--role', 'operator'], other);
  expect([more.code, more.stderr]).toEqual([5, expect.stringMatching(/takes that role; the token has viewer/)]);

  const types = (await json('events', 'handmade')).map(({ type }: { type: string }) => type);
  // Neither files without a secret nor credentials for minutes are events.
  expect(types.slice(-3)).toEqual(['ClusterRunning', 'KubeconfigIssued', 'KubeconfigIssued']);
  const following = slipway(['events', 'handmade', '--follow']);
  expect((await slipway(['delete', 'handmade', '--wait'])).code).toBe(0);
  expect((await following).stdout).toMatch(/ClusterRunning[\s\S]*handmade is deleted/);
});

test('a connection is added with its password on standard input, checked, listed without it, and removed', async () => {
  const { url, user, password, fingerprint } = cloud.vcenter;
  const add = ['connections', 'add', 'mine', '--url', url, '--user', user, '--fingerprint', fingerprint];
  const template = ['--template', 'ubuntu-24.04'];
  expect((await slipway([...add, ...template])).stderr).toContain('--password-stdin');
  expect((await slipway([...add, ...template, '--password-stdin'], { input: `${password}\n` })).code).toBe(0);
  expect((await slipway([...add, '--password-stdin'], { input: password })).code).toBe(4);
  expect(JSON.stringify(await json('connections', 'list'))).not.toContain(password);
  const checked = await slipway(['connections', 'check', 'mine']);
  expect([checked.code, checked.stderr]).toEqual([0, '']);
  expect(checked.stdout).toMatch(/^STATUS +CHECK +FOUND[\s\S]*\nok +certificate .*trusted by the pinned fingerprint/);
  expect(checked.stdout).toMatch(/^ok +template +\/DC0\/vm\/ubuntu-24\.04 \(VirtualMachine:/m);
  const { ok, checks } = await json('connections', 'check', 'mine');
  expect([ok, checks.filter(({ status }: { status: string }) => status === 'failed')]).toEqual([true, []]);
  expect((await slipway(['connections', 'remove', 'mine'])).code).toBe(0);
  expect((await slipway(['connections', 'check', 'mine'])).code).toBe(3);

  await slipway(['connections', 'add', 'wrong', '--url', url, '--user', user, '--fingerprint', fingerprint], {
    env: { SLIPWAY_VCENTER_PASSWORD: 'no' },
  });
  const refused = await slipway(['connections', 'check', 'wrong']);
  expect([refused.code, refused.stderr]).toEqual([1, '']);
  expect(refused.stdout).toMatch(/^failed +sign-in +.*refuses the user/m);
  expect((await slipway(['connections', 'remove', 'wrong'])).code).toBe(0);
});

test('a secret that is not there can not be checked', async () => {
  expect(await api('POST', '/secrets/none/check')).toMatchObject({ status: 404, body: { error: 'NotFound' } });
});

test('SSH keys are added, listed and removed', async () => {
  const file = join(directory, 'key.pub');
  writeFileSync(file, 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfakefakefake eve\n');
  expect((await slipway(['ssh-keys', 'add', 'team', file, '--user', 'ops'])).code).toBe(0);
  const [key, ...others] = await json('ssh-keys', 'list');
  expect([key, others]).toEqual([expect.objectContaining({ name: 'team', type: 'ssh' }), []]);
  expect(await api('POST', `/secrets/${key.id}/check`)).toMatchObject({ status: 400, body: { error: 'InvalidSpec' } });
  expect((await slipway(['ssh-keys', 'remove', 'team'])).code).toBe(0);
});

describe('what goes wrong is one clear line, with an exit code of its own:', () => {
  test.each<[string, string[], Record<string, string>, number, RegExp]>([
    ['an unknown command', ['launch'], {}, 2, /unknown command 'launch'/],
    ['a missing file', ['create', '-f', '/none.yaml'], {}, 2, /slipway: \/none\.yaml: ENOENT/],
    ['an unknown cluster', ['get', 'nowhere'], {}, 3, /There is no cluster 'nowhere'/],
    ['a bad token', ['list'], { SLIPWAY_TOKEN: 'x' }, 5, /Unauthenticated/],
    ['an API that does not answer', ['list'], { SLIPWAY_API: 'http://127.0.0.1:9' }, 5, /does not answer/],
  ])('%s', async (_, args, env, code, message) => {
    const ended = await slipway(args, { env });
    expect(ended.code).toBe(code);
    // The parser of commands adds "(Did you mean …?)".
    expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(code === 2 ? 2 : 1);
    expect(ended.stderr).toMatch(message);
  });

  test('and help has examples', async () => {
    expect((await slipway(['scale', '--help'])).stdout).toContain('Example:\n  slipway scale demo workers 4');
    expect((await slipway(['--help'])).stdout).toContain('Exit codes:');
  });
});
