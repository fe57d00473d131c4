import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { issueKubeconfig } from '../../lib/api/config.ts';
import { issueCredential } from '../../lib/api/credential.ts';
import type { User } from '../../lib/api/user-certificate.ts';
import type { UserRole } from '../../lib/auth/authenticate.ts';
import { masterRecord, recordOf } from './cluster.ts';
import { on, succeed, surroundings } from './machine.ts';

const real = inject('real');
const API = 'http://127.0.0.1:8090';
vi.mock('../../lib/store/cluster-keys.ts', () => ({
  readClusterKeys: async () => ({ certificates: inject('real').certificates }),
}));
vi.mock('../../lib/store/clusters.ts', () => ({ findCluster: async () => recordOf(inject('real')) }));
vi.mock('../../lib/store/nodes.ts', () => ({ listNodes: async () => [masterRecord(inject('real').leader)] }));
vi.mock('../../lib/store/events.ts', () => ({ recordEvent: async () => undefined }));
vi.mock('../../lib/aws/settings.ts', () => ({ settings: () => ({ SLIPWAY_API_URL: API }) }));

const kubectl = (...args: string[]) => ['kubectl', '--kubeconfig', '/root/user.conf', ...args];
const as = (role: UserRole): User => ({ subject: 'ada@example.com', role });
const ada = as('admin');

/** Issues a kubeconfig and puts it where `kubectl` finds it. */
async function issue(user: User, parameters = {}) {
  const { config, expiresAt } = await issueKubeconfig(1, 7, user, parameters);
  const text = Buffer.from(config, 'base64').toString();
  writeFileSync(join(real.leader.root, 'root/user.conf'), text, { mode: 0o600 });
  return { text, expiresAt: String(expiresAt) };
}
const whoami = async () =>
  JSON.parse(await succeed(real.leader, ...kubectl('auth', 'whoami', '-o', 'json'))).status.userInfo;

test('a kubeconfig of ours makes kubectl an administrator, under the name of who asked, for eight hours', async () => {
  const { text, expiresAt } = await issue(ada);
  expect(await whoami()).toMatchObject({
    username: 'slipway:ada@example.com',
    groups: ['slipway:admin', 'system:authenticated'],
  });
  expect(await succeed(real.leader, ...kubectl('get', 'nodes', '-o', 'name'))).toContain('node/real-masters-01');
  expect((await succeed(real.leader, ...kubectl('auth', 'can-i', '*', '*', '--all-namespaces'))).trim()).toBe('yes');

  const certificate = JSON.parse(text).users[0].user['client-certificate-data'];
  writeFileSync(join(real.leader.root, 'root/user.crt'), Buffer.from(certificate, 'base64'));
  const end = await succeed(real.leader, 'openssl', 'x509', '-in', '/root/user.crt', '-noout', '-enddate');
  const seconds = (Date.parse(expiresAt) - Date.parse(end.replace('notAfter=', ''))) / 1000;
  expect(Math.abs(seconds)).toBeLessThan(60);
  expect(Date.parse(expiresAt)).toBeLessThan(Date.now() + 8.1 * 3_600_000);
});

test('the same kubeconfig is refused once it is over', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 9 * 3_600_000 });
  await issue(ada);
  vi.useRealTimers();
  const { code, output } = await on(real.leader, ...kubectl('get', 'nodes'));
  expect(code).not.toBe(0);
  expect(output).toMatch(/Unauthorized|must be logged in/);
});

beforeAll(async () => {
  // The controllers put Kubernetes' own roles together after the API server is up.
  await vi.waitFor(
    async () => {
      for (const role of ['viewer', 'operator'] as const) {
        await issue(as(role));
        await succeed(real.leader, ...kubectl('-n', 'default', 'get', 'configmaps'));
      }
    },
    { timeout: 60_000, interval: 1000 },
  );
});

const CREATE = ['-n', 'default', 'create', 'configmap'];
const SECRETS = ['-n', 'default', 'get', 'secrets'];

test.each([
  { role: 'viewer' as const, asked: {}, user: as('viewer') },
  { role: 'viewer' as const, asked: { role: 'viewer' }, user: ada },
])('as a viewer one reads, and neither writes nor reads Secrets', async ({ asked, user }) => {
  await issue(user, asked);
  expect((await whoami()).groups).toEqual(['slipway:view', 'system:authenticated']);
  expect((await on(real.leader, ...kubectl('-n', 'kube-system', 'get', 'pods'))).code).toBe(0);
  for (const call of [[...CREATE, 'viewed'], SECRETS, ['get', 'clusterrolebindings']]) {
    const { code, output } = await on(real.leader, ...kubectl(...call));
    expect([code, output], call.join(' ')).toEqual([1, expect.stringMatching(/forbidden/i)]);
  }
});

test('as an operator one writes, and gives nobody rights', async () => {
  await issue(ada, { role: 'operator' });
  expect((await whoami()).groups).toEqual(['slipway:edit', 'system:authenticated']);
  expect((await on(real.leader, ...kubectl(...CREATE, 'edited'))).code).toBe(0);
  const give = ['create', 'clusterrolebinding', 'mine', '--clusterrole=cluster-admin', '--user=me'];
  for (const call of [give, ['delete', 'node', 'real-masters-01']]) {
    const { code, output } = await on(real.leader, ...kubectl(...call));
    expect([code, output], call.join(' ')).toEqual([1, expect.stringMatching(/forbidden/i)]);
  }
});

test.each([
  ['viewer', 'operator'],
  ['viewer', 'admin'],
  ['operator', 'admin'],
] as const)('nobody gets more than the own role: a %s no certificate of an %s', async (role, wanted) => {
  for (const ask of [issueKubeconfig, issueCredential])
    await expect(ask(1, 7, as(role), { role: wanted })).rejects.toMatchObject({ name: 'Forbidden', status: 403 });
});

describe('a kubeconfig of the form exec', () => {
  const TOKENS: Record<string, UserRole> = { 'Bearer of-ada': 'admin', 'Bearer of-eve': 'viewer' };
  const { binaries, directory } = surroundings();
  const bin = join(directory, 'bin');
  const config = join(directory, 'exec.conf');
  const asked: string[] = [];
  const server = createServer(async ({ url = '', headers }, response) => {
    const { pathname, searchParams } = new URL(url, API);
    asked.push(pathname);
    const role = TOKENS[String(headers.authorization)];
    const answer = role
      ? await issueCredential(1, 7, { subject: 'ada', role }, Object.fromEntries(searchParams)).then(
          (body) => [200, body] as const,
          (error) => [error.status, { error: error.name, message: error.message }] as const,
        )
      : ([401, { error: 'Unauthenticated', message: 'no token' }] as const);
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
  });

  beforeAll(async () => {
    mkdirSync(bin);
    symlinkSync(join(import.meta.dirname, '..', '..', 'cli', 'slipway.js'), join(bin, 'slipway'));
    server.listen(8090, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
  });

  /** Runs the real kubectl beside the machines, where our command line is installed. */
  const run = (token: string, ...args: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const env = { PATH: `${bin}:${process.env.PATH}`, HOME: directory, SLIPWAY_TOKEN: token };
      execFile(join(binaries.kubernetes, 'kubectl'), ['--kubeconfig', config, ...args], { env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, output: out + err }),
      );
    });
  async function write(parameters = {}): Promise<string> {
    const { config: text, expiresAt } = await issueKubeconfig(1, 7, ada, { form: 'exec', ...parameters });
    expect(expiresAt).toBeNull();
    const file = Buffer.from(text, 'base64').toString();
    writeFileSync(config, file, { mode: 0o600 });
    return file;
  }

  test('has no secret, and kubectl gets a certificate from our command line', async () => {
    expect(await write()).not.toMatch(/client-key|client-certificate|of-ada/);
    const { code, output } = await run('of-ada', 'auth', 'whoami', '-o', 'json');
    expect([code, output]).toEqual([0, expect.stringContaining('"slipway:admin"')]);
    expect(asked).toEqual(['/api/v1/orgs/1/clusters/7/credential']);
  });

  test('gives whoever uses it what the own token allows', async () => {
    await write();
    expect((await run('of-eve', 'get', 'namespaces')).code).toBe(0);
    const denied = await run('of-eve', '-n', 'default', 'create', 'configmap', 'eves');
    expect([denied.code, denied.output]).toEqual([1, expect.stringMatching(/forbidden/i)]);
    const stranger = await run('of-nobody', 'get', 'namespaces');
    expect([stranger.code, stranger.output]).toEqual([1, expect.stringContaining('Unauthenticated: no token')]);
  });

  test('keeps to the role that it was issued for', async () => {
    await write({ role: 'viewer' });
    const { output } = await run('of-ada', 'auth', 'whoami', '-o', 'json');
    expect(output).toContain('"slipway:view"');
    await write({ role: 'operator' });
    const refused = await run('of-eve', 'get', 'namespaces');
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('takes that role')]);
  });
});
