import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSigningKey,
  issueNodeToken,
  type SigningKey,
  verifyNodeToken,
  verifyUserToken,
} from '../../../lib/tokens/index.ts';
import { freePort } from '../../../local/cloud/ports.ts';
import { type Issuer, startIssuer } from '../../../local/oidc/issuer.ts';

const issuer = 'https://slipway.test';
const claims = {
  organization: 1,
  clusterId: 7,
  node: 'demo-masters-01',
  serial: 1,
  role: 'master' as const,
  pool: 'masters',
};
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a node token', () => {
  let key: SigningKey;
  const issue = (options = {}) => issueNodeToken(key, { ...claims, issuer, ttlSeconds: 60, ...options });
  const verify = (token: string) => verifyNodeToken(token, [key.publicJwk], { issuer });
  beforeAll(async () => {
    key = await createSigningKey();
  });

  test('says which node of which cluster it is for', async () => {
    expect(await verify(await issue())).toEqual(claims);
  });
  test('is refused when it has expired', async () => {
    await expect(verify(await issue({ ttlSeconds: -10 }))).rejects.toThrow(/exp/);
  });
  test('is refused when another key signed it', async () => {
    const other = await issueNodeToken(await createSigningKey(), { ...claims, issuer, ttlSeconds: 60 });
    await expect(verify(other)).rejects.toThrow();
  });
  test('is refused when another installation issued it', async () => {
    await expect(verify(await issue({ issuer: 'https://other.test' }))).rejects.toThrow(/iss/);
  });
  test('is refused without a signature, and with the public key as a shared secret', async () => {
    const [, payload] = (await issue()).split('.') as [string, string];
    await expect(verify(`${part({ alg: 'none' })}.${payload}.`)).rejects.toThrow();
    const signed = `${part({ alg: 'HS256', kid: key.kid })}.${payload}`;
    const mac = createHmac('sha256', JSON.stringify(key.publicJwk)).update(signed).digest('base64url');
    await expect(verify(`${signed}.${mac}`)).rejects.toThrow();
  });
  test('is refused when a claim was changed', async () => {
    const [head, payload, signature] = (await issue()).split('.') as [string, string, string];
    const changed = part({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), clusterId: 8 });
    await expect(verify(`${head}.${changed}.${signature}`)).rejects.toThrow(/signature/);
  });
});

describe('a user token', () => {
  let oidc: Issuer;
  beforeAll(async () => {
    oidc = await startIssuer(await freePort());
  });
  afterAll(() => oidc.stop());
  const verify = (token: string) => verifyUserToken(token, [{ issuer: oidc.url, audience: oidc.audience }]);
  const user = { subject: 'eve', organization: 1, role: 'admin' };

  test('says who, of which organization, in which role', async () => {
    expect(await verify(await oidc.token(user))).toEqual(user);
  });
  test('is refused when it has expired, or says no known role', async () => {
    await expect(verify(await oidc.token(user, Math.floor(Date.now() / 1000) - 100))).rejects.toThrow(/exp/);
    await expect(verify(await oidc.token({ ...user, role: 'god' }))).rejects.toThrow(/role/);
  });
  test('of an issuer that is not configured is refused', async () => {
    const token = await oidc.token(user);
    await expect(verifyUserToken(token, [{ issuer: 'https://x.test', audience: 'slipway' }])).rejects.toThrow(
      /not configured/,
    );
    await expect(verifyUserToken(token, [{ issuer: oidc.url, audience: 'other' }])).rejects.toThrow(/aud/);
  });
});
