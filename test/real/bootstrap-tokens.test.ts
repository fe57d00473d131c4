import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import type { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { createBootstrapTokens } from '../../lib/operations/create-bootstrap-tokens.ts';
import { deleteBootstrapTokens } from '../../lib/operations/delete-bootstrap-tokens.ts';
import { caCertHash, deriveBootstrapToken } from '../../lib/pki/index.ts';
import { clientOf } from './cluster.ts';
import { createMachine, type Machine, on, succeed } from './machine.ts';

const real = inject('real');
const SERVER = `${real.leader.address}:6443`;
const HASH = caCertHash(real.certificates.kubernetesCaSigningCert);
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

let admin: KubernetesApi;
let kubernetes: KubernetesApi;
/** A machine that asks, and never joins. */
let stranger: Machine;

beforeAll(async () => {
  admin = await clientOf(real, 'system:masters');
  kubernetes = await clientOf(real, 'slipway:bootstrap-tokens');
  stranger = await createMachine('real-stranger-01', '10.99.0.99');
});

async function makeToken(context: string, seconds = 600) {
  const token = deriveBootstrapToken(real.seed, context);
  const expiresAt = new Date(Date.now() + seconds * 1000).toISOString();
  await createBootstrapTokens.run({ kubernetes }, { tokens: [token], expiresAt });
  return { ...token, text: `${token.id}.${token.secret}` };
}

/** Asks the API server with a bootstrap token, as the kubelet does. */
function ask(token: string, method: string, path: string, body?: object) {
  return new Promise<{ status: number; data: Record<string, never> }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const options = { method, headers, ca: real.certificates.kubernetesCaCert };
    const sent = request(`https://${SERVER}${path}`, options, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, data: JSON.parse(text) });
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

const whoami = (token: string) =>
  ask(token, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  });

/** What kubeadm does first where a node joins: it finds the cluster by its token and the hash, and looks at the machine. */
async function preflight(token: string, hash: string, patience = '60s') {
  const config = `apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken: { token: "${token}", apiServerEndpoint: "${SERVER}", caCertHashes: ["${hash}"] }
timeouts: { discovery: ${patience} }
`;
  mkdirSync(join(stranger.root, 'etc/kubernetes'), { recursive: true });
  writeFileSync(join(stranger.root, 'etc/kubernetes/join.yaml'), config);
  const checks = '--ignore-preflight-errors=SystemVerification';
  return await on(stranger, 'kubeadm', 'join', 'phase', 'preflight', '--config', '/etc/kubernetes/join.yaml', checks);
}

test('a token of ours is a bootstrapper, with the groups of a node that kubeadm lets in', async () => {
  const token = await makeToken('groups');
  const { status, data } = await whoami(token.text);
  expect(status).toBe(201);
  expect(data).toMatchObject({
    status: {
      userInfo: {
        username: `system:bootstrap:${token.id}`,
        groups: ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token', 'system:authenticated'],
      },
    },
  });
});

test('kubeadm finds the cluster by a token of ours and the hash of its authority', async () => {
  const { text } = await makeToken('found');
  const { code, output } = await preflight(text, HASH);
  expect(output).not.toMatch(/error execution/);
  expect(code).toBe(0);
});

test('kubeadm refuses a cluster whose authority has another hash', async () => {
  const { text } = await makeToken('pinned');
  const { code, output } = await preflight(text, `sha256:${'0'.repeat(64)}`);
  expect(code).not.toBe(0);
  expect(output).toMatch(/none of the public keys .* are pinned/);
});

test('a token whose secret is another does not find the cluster', async () => {
  const { id } = await makeToken('guessed');
  const { code, output } = await preflight(`${id}.aaaaaaaaaaaaaaaa`, HASH);
  expect(code).not.toBe(0);
  expect(output).toMatch(/failed to verify JWS signature/);
  expect((await whoami(`${id}.aaaaaaaaaaaaaaaa`)).status).toBe(401);
});

test('a token is nobody once it is expired, and no node finds the cluster by it', async () => {
  const { text } = await makeToken('expired', 3);
  expect((await whoami(text)).status).toBe(201);
  await vi.waitFor(async () => expect((await whoami(text)).status).toBe(401), { timeout: 30_000, interval: 500 });
  const { code, output } = await preflight(text, HASH, '5s');
  expect(code).not.toBe(0);
  expect(output).toMatch(/JWS|token/i);
});

test('a token is nobody once it is deleted, and no node finds the cluster by it', async () => {
  const { id, text } = await makeToken('deleted');
  expect((await whoami(text)).status).toBe(201);
  await deleteBootstrapTokens.run({ kubernetes }, { ids: [id] });
  // The API server remembers for ten seconds whom it has let in.
  await vi.waitFor(async () => expect((await whoami(text)).status).toBe(401), { timeout: 20_000, interval: 500 });
  const { code } = await preflight(text, HASH, '5s');
  expect(code).not.toBe(0);
});

async function signingRequest(token: string, name: string, subject: string): Promise<Record<string, unknown>> {
  const file = (extension: string) => `/root/${name}.${extension}`;
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('key')];
  const pem = await succeed(stranger, 'openssl', 'req', '-config', '/dev/null', '-new', ...key, '-subj', subject);
  const { status, data } = await ask(token, 'POST', CSRS, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE REQUEST'))).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    },
  });
  expect(status).toBe(201);
  return data;
}

test("a node's certificate is asked for with a token of ours, approved, and issued by our authority", async () => {
  const { id, text } = await makeToken('csr');
  const made = await signingRequest(text, 'node-csr', '/O=system:nodes/CN=system:node:real-stranger-01');
  expect(made).toMatchObject({
    spec: {
      username: `system:bootstrap:${id}`,
      groups: expect.arrayContaining(['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token']),
    },
  });
  const issued = await vi.waitFor(
    async () => {
      const { data } = await admin.request('GET', `${CSRS}/node-csr`);
      expect(data.status.certificate).toBeDefined();
      return data.status;
    },
    { timeout: 30_000, interval: 200 },
  );
  expect(issued.conditions).toContainEqual(expect.objectContaining({ type: 'Approved', reason: 'AutoApproved' }));
  writeFileSync(join(stranger.root, 'root/node.crt'), Buffer.from(issued.certificate, 'base64'));
  writeFileSync(join(stranger.root, 'root/ca.crt'), real.certificates.kubernetesCaCert);
  const verified = await succeed(stranger, 'openssl', 'verify', '-CAfile', '/root/ca.crt', '/root/node.crt');
  expect(verified).toContain('OK');
});

test('nobody is made an administrator by a token of ours', async () => {
  const { text } = await makeToken('administrator');
  await signingRequest(text, 'admin-csr', '/O=system:masters/CN=admin').catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const { data } = await admin.request('GET', CSRS);
  const issued = data.items.filter(
    ({ metadata, status }: { metadata: { name: string }; status: { certificate?: string } }) =>
      metadata.name === 'admin-csr' && status.certificate,
  );
  expect(issued).toEqual([]);
  for (const path of ['/api/v1/nodes', '/api/v1/namespaces/kube-system/secrets', '/api/v1/pods'])
    expect((await ask(text, 'GET', path)).status, path).toBe(403);
});
