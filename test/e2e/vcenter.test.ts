import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { list, readInventory, text, VCenter } from '../../lib/vsphere/index.ts';
import { startVcsim, type Vcsim } from '../../local/cloud/vcsim.ts';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import {
  api,
  aws,
  cloud,
  control,
  create,
  description,
  events,
  gone,
  pool,
  registerConnection,
  remove,
  scaleCheck,
  settled,
  until,
  vms,
} from './harness.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-vcenter-'));
const vcenter = VCenter.connect(cloud.vcenter);
let east: Vcsim;

beforeAll(async () => {
  await registerConnection();
  east = await startVcsim({
    ...{ port: 0, password: 'secret', state: directory },
    args: ['-light-guests', '-network', '127.9'],
  });
});
afterAll(async () => {
  await vcenter.logout();
  await east.stop();
  rmSync(directory, { recursive: true });
});

/** The VMs of the anti-affinity rules that there are, by the rules' names. */
async function rules(): Promise<Record<string, string[]>> {
  const clusters = await readInventory(vcenter, { ClusterComputeResource: ['configurationEx.rule'] });
  const all = clusters.flatMap(({ values }) => list(values['configurationEx.rule']?.ClusterRuleInfo));
  return Object.fromEntries(all.map((rule) => [text(rule.name), list(rule.vm).map(text).sort()]));
}

const nodesOf = async (id: number, role: string) =>
  (await api('GET', `/clusters/${id}/nodes`)).body.filter((node: { role: string }) => node.role === role);
const vmsOf = async (id: number, role: string) => (await nodesOf(id, role)).map(({ vm }: { vm: string }) => vm).sort();
const typesOf = async (id: number) => (await events(id)).map(({ type }) => type);

test('nodes are spread over two vCenters, and the cluster is deleted from both', async () => {
  const { url, user, password, fingerprint } = east;
  const values = { url, user, password, fingerprint, defaultNodeTemplate: 'ubuntu-24.04' };
  await registerConnection('east', values);
  const placements = [{ name: 'west' }, { name: 'east', secretName: 'east' }];
  const { body } = await api('POST', '/clusters', {
    ...{ name: 'wide', secretName: 'vcenter', kubernetes: PLAIN_KUBERNETES },
    nodepools: [pool('masters', 'master', 1), pool('workers', 'worker', 4, { placements })],
  });
  const cluster = await settled(body.id);
  expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '5 nodes are ready']);
  const eastern = async () =>
    ((await (await fetch(`${east.control}/vms`)).json()) as { name: string; template: boolean }[])
      .filter(({ template }) => !template)
      .map(({ name }) => name)
      .sort();
  expect((await nodesOf(body.id, 'worker')).map(({ placement }: { placement: string }) => placement)).toEqual([
    ...['west', 'east', 'west', 'east'],
  ]);
  expect(await eastern()).toEqual(['wide-workers-02', 'wide-workers-04']);

  const { body: secrets } = await api('GET', '/secrets?type=vsphere');
  const secret = secrets.find(({ name }: { name: string }) => name === 'east');
  const refused = await api('DELETE', `/secrets/${secret.id}`);
  expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining('wide')]);

  // Taken from the fullest: from each once.
  await api('PUT', `/clusters/${body.id}/nodepools/workers`, { size: 2 });
  expect((await settled(body.id)).status).toBe('RUNNING');
  expect(await eastern()).toEqual(['wide-workers-02']);

  await fetch(`${east.control}/vms/wide-workers-02/kill`, { method: 'POST' });
  await scaleCheck();
  await until(eastern, (names) => names.length === 1);
  expect((await settled(body.id)).status).toBe('RUNNING');

  await remove(body.id);
  expect(await eastern()).toEqual([]);
  expect((await vms()).filter(({ name }) => name.startsWith('wide-'))).toEqual([]);
  expect((await api('DELETE', `/secrets/${secret.id}`)).status).toBeLessThan(300);
});

test('a connection that a failure domain names must be there', async () => {
  const placements = [{ name: 'west', secretName: 'nowhere' }];
  const nodepools = [pool('masters', 'master', 1, { placements })];
  const { status, body } = await api('POST', '/clusters', { name: 'lost', secretName: 'vcenter', nodepools });
  expect([status, body.message]).toEqual([404, expect.stringContaining("named 'nowhere'")]);
});

test('the control plane is kept on different hosts, by a rule that follows its nodes and goes with them', async () => {
  const id = await create('apart', 3, 1);
  const mine = async () => Object.entries(await rules()).filter(([name]) => name.endsWith(`-${id}-control-plane`));
  expect(await mine()).toEqual([[expect.stringContaining('slipway-'), await vmsOf(id, 'master')]]);

  await control('POST', '/vms/apart-masters-02/kill');
  await scaleCheck();
  await until(
    () => api('GET', `/clusters/${id}`),
    ({ body }) => body.status !== 'RUNNING',
  );
  expect((await settled(id)).status).toBe('RUNNING');
  const [[, apart] = []] = await mine();
  expect(apart).toHaveLength(3);
  expect(apart).toEqual(await vmsOf(id, 'master'));

  await remove(id);
  expect(await mine()).toEqual([]);
});

test('a VM that is off is switched on again, and one that is suspended is told of', async () => {
  const id = await create('power', 1, 1);
  const worker = async () => (await vms()).find(({ name }) => name === 'power-workers-01');
  const before = await worker();
  await control('POST', '/vms/power-workers-01/poweroff');
  expect((await worker())?.power).toBe('poweredOff');
  await scaleCheck();
  await until(worker, (vm) => vm?.power === 'poweredOn');
  expect((await worker())?.instanceUuid).toBe(before?.instanceUuid);
  await until(
    () => typesOf(id),
    (types) => types.includes('NodePoweredOn'),
  );
  expect((await settled(id)).status).toBe('RUNNING');

  const [vm] = await vmsOf(id, 'worker');
  await vcenter.call('SuspendVM_Task', { type: 'VirtualMachine', value: String(vm) });
  await until(worker, (found) => found?.power === 'suspended');
  await scaleCheck();
  const { body: told } = await api('GET', `/clusters/${id}`);
  expect([told.status, told.statusMessage]).toEqual(['WARNING', expect.stringContaining('power-workers-01')]);

  await vcenter.call('PowerOnVM_Task', { type: 'VirtualMachine', value: String(vm) });
  await until(worker, (found) => found?.power === 'poweredOn');
  await scaleCheck();
  expect((await api('GET', `/clusters/${id}`)).body.status).toBe('RUNNING');
  await api('DELETE', `/clusters/${id}`);
  await gone(id);
});

test('a VM whose record is lost is replaced, told of until somebody looks after it, and goes with the cluster', async () => {
  const id = await create('stray', 1, 1);
  const [vm] = await vmsOf(id, 'worker');
  await vcenter.call('Rename_Task', { type: 'VirtualMachine', value: String(vm) }, { newName: 'forgotten' });
  await aws('dynamodb', 'DynamoDB_20120810.DeleteItem', {
    TableName: 'slipway-local',
    Key: { pk: { S: `CLUSTER#${id}` }, sk: { S: 'NODE#stray-workers-01' } },
  });
  await scaleCheck();
  expect((await settled(id)).status).toBe('RUNNING');
  await scaleCheck();
  const { status, statusMessage } = await settled(id);
  expect([status, statusMessage]).toEqual([
    'WARNING',
    expect.stringMatching(/no record knows: forgotten\. Destroy them/),
  ]);
  await remove(id);
  expect((await vms()).filter(({ name }) => /^(stray-|forgotten)/.test(name))).toEqual([]);
});

test('clusters that are made at once share the clones and sessions of their vCenter', async () => {
  await registerConnection('narrow', { maxConcurrentClones: 2, maxSessions: 2 });
  const bodies = ['one', 'two', 'three'].map((name) => ({ ...description(name, 1, 3), secretName: 'narrow' }));
  const before = ((await control('GET', '/sessions')) as unknown as unknown[]).length;
  await control('DELETE', '/clones');
  const ids = await Promise.all(bodies.map(async (body) => (await api('POST', '/clusters', body)).body.id as number));
  for (const id of ids) expect((await settled(id)).status).toBe('RUNNING');
  expect((await control('GET', '/clones')).peak).toBeLessThanOrEqual(2);
  expect(((await control('GET', '/sessions')) as unknown as unknown[]).length).toBeLessThanOrEqual(before + 2);
  for (const id of ids) await remove(id);
});

test('the scale check reads a connection once, in three requests and one a page, whatever the number of clusters', async () => {
  const ids = [await create('many-a', 1, 0), await create('many-b', 1, 0)];
  // The first signs in, where the function is cold.
  await scaleCheck();
  await control('DELETE', '/requests');
  expect((await scaleCheck()).started).toEqual([]);
  expect(await control('GET', '/requests')).toEqual({
    CreateContainerView: 1,
    RetrievePropertiesEx: 1,
    DestroyView: 1,
  });
  for (const id of ids) await remove(id);
});
