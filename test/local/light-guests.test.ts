import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guestinfo, renderUserData } from '../../lib/bootstrap/index.ts';
import { createClusterCertificates } from '../../lib/pki/index.ts';
import { type Ref, readInventory, text, toXml, VCenter } from '../../lib/vsphere/index.ts';
import { startVcsim, type Vcsim } from '../../local/cloud/vcsim.ts';

const state = mkdtempSync(join(tmpdir(), 'slipway-light-'));
const certificates = await createClusterCertificates({ name: 'light' });
/** What each node has asked, in order: method, path and phase. */
const calls: Record<string, string[]> = {};
let vcsim: Vcsim;
let vcenter: VCenter;
let apiUrl: string;

/** An API on which the first master leads; the worker has to ask twice for the leader and for its token. */
const api = createServer(async (request, response) => {
  let content = '';
  for await (const chunk of request) content += chunk;
  const node = request.headers.authorization?.replace('Bearer token-of-', '') ?? '';
  const path = new URL(request.url ?? '/', 'http://x').pathname.replace(/^\/api\/v1\/orgs\/1\/(clusters\/7\/)?/, '');
  const body = content ? JSON.parse(content) : {};
  const call = `${request.method} ${path}${body.phase ? ` ${body.phase}` : ''}`;
  calls[node] = [...(calls[node] ?? []), call];
  const again = calls[node].filter((each) => each === call).length > 1;
  const answers: Record<string, [number, unknown]> = {
    'GET secrets': [200, [{ values: certificates }]],
    'POST pke/leader': [201, { hostname: node }],
    'GET pke/ready': [200, { master: { ready: again } }],
    'GET bootstrap': again ? [200, { token: 'a.b', masterAddress: new URL(joined).host }] : [503, {}],
  };
  const [status, answer] = answers[call] ?? [200, { processId: 'p-1' }];
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' }).end(JSON.stringify(answer));
});
const apiServer = createTlsServer((_, response) => response.writeHead(201).end('{}'));
let joined: string;

async function boot(name: string, role: 'master' | 'worker'): Promise<void> {
  const userData = renderUserData({
    node: { name, pool: `${role}s`, role, labels: {} },
    cluster: {
      ...{ id: 7, organization: 1, name: 'light', kubernetesVersion: '1.36.1' },
      ...{ serviceCIDR: '10.96.0.0/12', podCIDR: '10.244.0.0/16' },
    },
    ...{ apiUrl, token: `token-of-${name}`, ssh: { user: 'ops', keys: [] } },
  });
  const found = await readInventory(vcenter, { VirtualMachine: ['name'], ResourcePool: ['name'], Folder: ['name'] });
  const ref = (wanted: string) => toXml(found.find(({ values }) => text(values.name) === wanted)?.ref as Ref);
  const extraConfig = Object.entries(guestinfo({ userData, metadata: '{}' })).map(([key, value]) => ({
    ...{ '@xsi:type': 'OptionValue', key, value: { '@xsi:type': 'xsd:string', '#text': value } },
  }));
  const template = found.find(({ values }) => text(values.name) === 'ubuntu-24.04')?.ref as Ref;
  await vcenter.call('CloneVM_Task', template, {
    ...{ folder: ref('vm'), name },
    spec: { location: { pool: ref('Resources') }, template: false, config: { extraConfig }, powerOn: true },
  });
  for (let tries = 100; calls[name]?.at(-1) !== 'POST pke/ready' && tries > 0; tries--) await sleep(100);
}

beforeAll(async () => {
  vcsim = await startVcsim({ port: 0, password: 'secret', state, args: ['-light-guests', '-network', '127.9'] });
  vcenter = VCenter.connect(vcsim);
  const pem = readFileSync(join(state, 'vcsim.pem'));
  apiServer.setSecureContext({ key: pem, cert: pem });
  await Promise.all([api, apiServer].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  joined = `https://127.0.0.1:${(apiServer.address() as AddressInfo).port}`;
  // The simulator may have to be built.
}, 120_000);
afterAll(async () => {
  await vcenter.logout();
  await vcsim.stop();
  for (const server of [api, apiServer]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(state, { recursive: true });
});

test('a light guest that leads asks what the node program does', async () => {
  await boot('leader', 'master');
  expect(calls.leader).toEqual([
    'POST pke/status prepare',
    'POST pke/status certificates',
    'GET secrets',
    'POST pke/leader',
    'POST pke/status init',
    'POST pke/status rbac',
    'POST pke/ready',
  ]);
}, 30_000);

test('a light worker waits for the leader and for its token, and is counted', async () => {
  await boot('worker', 'worker');
  expect(calls.worker).toEqual([
    'POST pke/status prepare',
    'POST pke/status wait',
    'GET pke/ready',
    'GET pke/ready',
    'POST pke/status join',
    'GET bootstrap',
    'GET bootstrap',
    'POST pke/ready',
  ]);
  const { count, routes } = (await (await fetch(`${vcsim.control}/callbacks`)).json()) as {
    count: number;
    routes: Record<string, number>;
  };
  expect(count).toBe(7 + 8);
  expect(routes['GET /orgs/*/clusters/*/bootstrap 503']).toBe(1);
}, 30_000);
