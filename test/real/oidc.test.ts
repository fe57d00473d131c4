import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload } from 'jose';
import { expect, inject, test, vi } from 'vitest';
import { issueKubeconfig } from '../../lib/api/config.ts';
import { masterRecord, oidcOf, recordOf } from './cluster.ts';
import { tokenFrom } from './issuer.ts';
import { on, read, succeed } from './machine.ts';

const real = inject('real');
const { leader, issuer } = real;
vi.mock('../../lib/store/cluster-keys.ts', () => ({
  readClusterKeys: async () => ({ certificates: inject('real').certificates }),
}));
vi.mock('../../lib/store/clusters.ts', () => ({ findCluster: async () => recordOf(inject('real')) }));
vi.mock('../../lib/store/nodes.ts', () => ({ listNodes: async () => [masterRecord(inject('real').leader)] }));

const kubectl = (...args: string[]) => ['kubectl', '--kubeconfig', '/root/oidc.conf', ...args];

/** Signs in with these claims: the kubeconfig of the form oidc, whose plugin has the token. */
async function signIn(claims: JWTPayload, from = issuer): Promise<void> {
  const user = { subject: 'ada@example.com', role: 'viewer' as const };
  const { config, expiresAt } = await issueKubeconfig(1, 7, user, { form: 'oidc' });
  expect(expiresAt).toBeNull();
  const text = Buffer.from(config, 'base64').toString();
  expect(text).not.toMatch(/client-key|client-certificate|"token"/);
  writeFileSync(join(leader.root, 'root/oidc.conf'), text, { mode: 0o600 });
  writeFileSync(join(leader.root, 'root/id-token'), await tokenFrom(from, claims), { mode: 0o600 });
}
const ADA = { email: 'ada@example.com', groups: ['developers', 'system:masters'] };

test('a user of the issuer is known by name and groups, each with the prefix', async () => {
  await signIn(ADA);
  // The API server asks the issuer for its keys while it starts, and again after a while.
  const who = await vi.waitFor(
    async () => JSON.parse(await succeed(leader, ...kubectl('auth', 'whoami', '-o', 'json'))),
    { timeout: 60_000, interval: 2000 },
  );
  expect(who.status.userInfo).toMatchObject({
    username: 'oidc:ada@example.com',
    groups: ['oidc:developers', 'oidc:system:masters', 'system:authenticated'],
  });
  const asked = read(leader, '/var/log/stand-ins.log');
  expect(asked).toContain(`get-token --oidc-issuer-url=${issuer.url} --oidc-client-id=kubernetes`);
  expect(asked).toContain(`--certificate-authority-data=${Buffer.from(issuer.ca).toString('base64')}`);
});

test('is nobody’s administrator by a group that the issuer makes up', async () => {
  await signIn(ADA);
  const { code, output } = await on(leader, ...kubectl('get', 'nodes'));
  expect([code, output]).toEqual([1, expect.stringContaining('User "oidc:ada@example.com" cannot list')]);
});

test('is an administrator in a group that the cluster’s description names', async () => {
  await signIn({ ...ADA, groups: oidcOf(real).admins });
  expect((await succeed(leader, ...kubectl('auth', 'can-i', '*', '*', '--all-namespaces'))).trim()).toBe('yes');
});

const past = Math.floor(Date.now() / 1000) - 100;
test.each<[string, JWTPayload]>([
  ['for another audience', { aud: 'another' }],
  ['of another issuer', { iss: 'https://10.99.0.1:9443' }],
  ['that is over', { exp: past, iat: past - 600 }],
])('a token %s is nobody', async (_, claims) => {
  await signIn({ ...ADA, ...claims });
  const { code, output } = await on(leader, ...kubectl('get', 'nodes'));
  expect([code, output]).toEqual([1, expect.stringMatching(/Unauthorized|must be logged in/)]);
});

test('a token that somebody else signed is nobody', async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  await signIn(ADA, { ...issuer, key: await exportJWK(privateKey) });
  const { code, output } = await on(leader, ...kubectl('get', 'nodes'));
  expect([code, output]).toEqual([1, expect.stringMatching(/Unauthorized|must be logged in/)]);
});
