import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CATALOGUE } from '../../lib/addons/catalogue.ts';
import { metallb } from '../../lib/addons/metallb.ts';
import { addonsRevision } from '../../lib/bootstrap/addon-files.ts';
import { applyObject } from '../../lib/kubernetes/index.ts';
import { makeMirror } from '../../local/addons/mirror.ts';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import {
  adminOf,
  api,
  description,
  events,
  registerConnection,
  remove,
  scaleCheck,
  settled,
  until,
} from './harness.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-mirror-'));
let server: Server;
let mirror: string;
/** Whether the mirror has anything. */
let open = true;

beforeAll(async () => {
  await registerConnection();
  expect(await makeMirror(directory, [CATALOGUE.metallb])).toEqual([{ path: 'metallb/v0.16.2/metallb-native.yaml' }]);
  server = createServer(({ url = '' }, response) => {
    if (!open) return response.writeHead(503).end();
    response.end(readFileSync(join(directory, url.replace('/addons/', ''))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  mirror = `http://127.0.0.1:${(server.address() as { port: number }).port}/addons`;
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const create = async (name: string, more: object) =>
  (
    await api('POST', '/clusters', {
      ...description(name, 1, 1),
      loadBalancerIPRange: '10.9.0.1-10.9.0.9',
      addons: { mirror },
      ...more,
    })
  ).body.id as number;

test('a cluster gets the add-ons that it asks for, from a mirror, and shows them', async () => {
  const id = await create('lit', {});
  const cluster = await settled(id);
  expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '2 nodes are ready']);
  expect(cluster.addons).toEqual([
    { name: 'metallb', version: 'v0.16.2', status: 'applied', message: 'metallb is applied', at: expect.any(String) },
  ]);
  const phases = (await events(id, 'NodePhase')).filter(({ phase }) => phase === 'addon-metallb');
  expect(phases.map(({ message }) => message)).toEqual([
    'addon-metallb: running: applying metallb',
    'addon-metallb: finished: metallb is applied',
  ]);
  expect(await events(id, 'AddonApplied')).toHaveLength(1);
  await remove(id);
});

test('a mirror that is not reached makes it WARNING, not hung, and RUNNING again when it is', async () => {
  open = false;
  const id = await create('dim', {});
  const cluster = await settled(id);
  expect(cluster.status).toBe('WARNING');
  expect(cluster.statusMessage).toMatch(
    /^Add-on metallb is not applied \(phase addon-metallb on dim-masters-01\): http:\S+ could not be fetched: .*503.*tried again by itself.*mend/,
  );
  expect(cluster.nodepools.map(({ ready }: { ready: number }) => ready)).toEqual([1, 1]);
  expect(cluster.addons).toMatchObject([{ name: 'metallb', status: 'failed' }]);
  expect(await events(id, 'AddonFailed')).toHaveLength(1);

  // The scale check, and a change of the cluster, leave the warning as it is.
  await scaleCheck();
  expect((await settled(id)).statusMessage).toBe(cluster.statusMessage);
  await api('PUT', `/clusters/${id}/nodepools/workers`, { size: 2 });
  const scaled = await settled(id);
  expect([scaled.status, scaled.nodepools[1].ready]).toEqual(['WARNING', 2]);

  open = true;
  const { body: well } = await until(
    () => api('GET', `/clusters/${id}`),
    ({ body }) => body.status === 'RUNNING',
    30,
  );
  expect(well).toMatchObject({ statusMessage: 'All add-ons are applied', addons: [{ status: 'applied' }] });
  expect(await events(id, 'AddonApplied')).toHaveLength(1);
  await remove(id);
});

test('what is applied when a node’s token is over is learned from the cluster', async () => {
  open = false;
  const id = await create('late', {});
  const { addons } = await settled(id);
  expect(addons).toMatchObject([{ status: 'failed' }]);
  const record = (revision: string) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'slipway-addons' } },
    data: { revision, node: 'late-masters-01' },
  });
  const path = '/api/v1/namespaces/kube-system/configmaps/slipway-addons';
  const kubernetes = await adminOf(id);
  // What another release of ours applied says nothing.
  await applyObject(kubernetes, path, record('of something else'));
  await scaleCheck();
  expect((await settled(id)).status).toBe('WARNING');
  await applyObject(kubernetes, path, record(addonsRevision([metallb(['10.9.0.1-10.9.0.9'])])));
  await scaleCheck();
  expect(await settled(id)).toMatchObject({ status: 'RUNNING', addons: [{ status: 'applied' }] });
  await remove(id);
  open = true;
});

test('a node whose address the load balancer may give away is told of', async () => {
  const id = await create('near', { loadBalancerIPRange: '127.0.0.0/8', kubernetes: PLAIN_KUBERNETES });
  await settled(id);
  const warnings = (await events(id, 'ClusterWarning')).filter(({ message }) =>
    message.includes('loadBalancerIPRange'),
  );
  expect(warnings.map(({ node }) => node).sort()).toEqual(['near-masters-01', 'near-workers-01']);
  await remove(id);
});

test('addresses that are others’ are refused before anything is made', async () => {
  const endpoint = { address: '10.9.0.5' };
  const answer = await api('POST', '/clusters', {
    ...description('far', 1, 0),
    endpoint,
    loadBalancerIPRange: '10.9.0.0/24',
  });
  expect([answer.status, answer.body.message]).toEqual([
    400,
    'loadBalancerIPRange[0]: 10.9.0.0/24 overlaps with the endpoint 10.9.0.5',
  ]);
});

test('Cilium without a mirror is refused, with how to make one', async () => {
  const answer = await api('POST', '/clusters', {
    ...description('far', 1, 0),
    kubernetes: { ...PLAIN_KUBERNETES, network: { provider: 'cilium' } },
  });
  expect([answer.status, answer.body.message]).toEqual([
    400,
    expect.stringMatching(/^addons\.mirror: cilium .*npm run addons -- --to DIRECTORY/),
  ]);
});
