import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test, vi } from 'vitest';
import { issueKubeconfig } from '../../lib/api/config.ts';
import { masterRecord, recordOf } from './cluster.ts';
import { on, succeed } from './machine.ts';

const real = inject('real');
vi.mock('../../lib/store/cluster-keys.ts', () => ({
  readClusterKeys: async () => ({ certificates: inject('real').certificates }),
}));
vi.mock('../../lib/store/clusters.ts', () => ({ findCluster: async () => recordOf(inject('real')) }));
vi.mock('../../lib/store/nodes.ts', () => ({ listNodes: async () => [masterRecord(inject('real').leader)] }));
vi.mock('../../lib/store/events.ts', () => ({ recordEvent: async () => undefined }));

const kubectl = (...args: string[]) => ['kubectl', '--kubeconfig', '/root/user.conf', ...args];

test('a kubeconfig of ours makes kubectl an administrator, under the name of who asked, for eight hours', async () => {
  const { config, expiresAt } = await issueKubeconfig(1, 7, 'ada@example.com');
  const text = Buffer.from(config, 'base64').toString();
  writeFileSync(join(real.leader.root, 'root/user.conf'), text, { mode: 0o600 });

  const who = JSON.parse(await succeed(real.leader, ...kubectl('auth', 'whoami', '-o', 'json')));
  expect(who.status.userInfo).toMatchObject({
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
  const { config } = await issueKubeconfig(1, 7, 'ada@example.com');
  vi.useRealTimers();
  writeFileSync(join(real.leader.root, 'root/user.conf'), Buffer.from(config, 'base64'), { mode: 0o600 });
  const { code, output } = await on(real.leader, ...kubectl('get', 'nodes'));
  expect(code).not.toBe(0);
  expect(output).toMatch(/Unauthorized|must be logged in/);
});
