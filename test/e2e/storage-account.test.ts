import { beforeAll, describe, expect, test } from 'vitest';
import { readInventory, VCenter } from '../../lib/vsphere/index.ts';
import {
  adminOf,
  api,
  aws,
  cloud,
  description,
  events,
  registerConnection,
  remove,
  scaleCheck,
  settled,
  until,
} from './harness.ts';

const PASSWORD = 'the storage driver’s own: ☂ 7Qx"\\';
const kubernetes = { network: { provider: 'none' }, cloudProvider: 'vsphere' };
const ACCOUNT = '/api/v1/namespaces/kube-system/secrets/vsphere-cloud-secret';
const text = (data: string) => Buffer.from(data, 'base64').toString();

/** Nothing serves manifests here. */
const addons = { mirror: 'http://127.0.0.1:9/addons' };
const account = (password: string, more = {}) => ({
  name: 'storage',
  type: 'vsphere',
  values: { ...cloud.vcenter, user: 'storage', password, ...more },
});

/** An object of a cluster, as its administrator reads it. */
async function read(id: number, path: string) {
  const kubernetes = await adminOf(id);
  return (await kubernetes.request('GET', path)).data;
}

/** All that is kept of what was done: records, histories of workflows, and what the VMs were told. */
async function traces(): Promise<string> {
  let told = JSON.stringify(await aws('dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'slipway-local' }));
  for (const stateMachineArn of Object.values(cloud.stateMachines)) {
    const list = await aws<{ executions: { executionArn: string }[] }>('states', 'AWSStepFunctions.ListExecutions', {
      stateMachineArn,
    });
    for (const { executionArn } of list.executions) {
      const asked = { executionArn, maxResults: 1000, includeExecutionData: true };
      told += JSON.stringify(await aws('states', 'AWSStepFunctions.GetExecutionHistory', asked));
    }
  }
  const machines = await readInventory(VCenter.connect(cloud.vcenter), { VirtualMachine: ['config.extraConfig'] });
  const configuration = JSON.stringify(machines.map(({ values }) => values));
  const { gunzipSync } = await import('node:zlib');
  for (const [data] of configuration.matchAll(/H4sI[A-Za-z0-9+/=]+/g)) told += gunzipSync(Buffer.from(data, 'base64'));
  return told + configuration;
}

let secret: string;
beforeAll(async () => {
  await registerConnection();
  secret = (await api('POST', '/secrets', account(PASSWORD))).body.id;
});

describe('a cluster with a storage account', () => {
  let id: number;

  test('is told it over its API, once the nodes are there', async () => {
    const more = { kubernetes, addons, storageSecretName: 'storage', datastore: 'LocalDS_0' };
    id = (await api('POST', '/clusters', { ...description('stores', 1, 1), ...more })).body.id;
    const cluster = await settled(id);
    // The manifests are not to be had, which is another matter.
    expect([cluster.status, cluster.nodepools.map(({ ready }: { ready: number }) => ready)]).toEqual([
      'WARNING',
      [1, 1],
    ]);
    const { hostname } = new URL(cloud.vcenter.url);
    const { data } = await read(id, ACCOUNT);
    expect(text(data[`${hostname}.username`])).toBe('storage');
    expect(text(data[`${hostname}.password`])).toBe(PASSWORD);
    const driver = await read(id, '/api/v1/namespaces/vmware-system-csi/secrets/vsphere-config-secret');
    expect(text(driver.data['csi-vsphere.conf'])).toContain('user = "storage"');
    const storageClass = await read(id, '/apis/storage.k8s.io/v1/storageclasses/slipway');
    expect(storageClass.parameters.datastoreurl).toMatch(/./);
    expect(await events(id, 'StorageAccountPut')).toHaveLength(1);
    const warnings = await events(id, 'ClusterWarning');
    expect(warnings.map(({ message }) => message).join()).not.toContain('storage account');
  });

  test('neither password is in records, events, histories of workflows, or what a VM was told', async () => {
    const told = await traces();
    // What was told is there: the search finds what it should.
    expect(told).toContain('CLOUD_PROVIDER=');
    for (const password of [PASSWORD, cloud.vcenter.password]) {
      const escaped = JSON.stringify(password).slice(1, -1);
      const forms = [password, escaped, JSON.stringify(escaped).slice(1, -1), Buffer.from(password).toString('base64')];
      for (const form of forms) expect(told.includes(form)).toBe(false);
    }
  });

  test('a new password reaches it by itself, and nothing else is done', async () => {
    await api('PUT', `/secrets/${secret}`, account('changed'));
    await scaleCheck();
    const changed = async () => Object.values((await read(id, ACCOUNT)).data).map((data) => text(String(data)));
    await until(changed, (values) => values.includes('changed'), 30);
    await settled(id);
    expect(await events(id, 'StorageAccountPut')).toHaveLength(2);
    expect((await scaleCheck()).started).toEqual([]);
  });

  test('keeps the secret until it is gone', async () => {
    expect((await api('DELETE', `/secrets/${secret}`)).body.message).toContain('used by stores');
    await remove(id);
    expect((await api('DELETE', `/secrets/${secret}`)).status).toBe(200);
  });
});

test('without one the connection’s own account is told to it, with a warning', async () => {
  const { body } = await api('POST', '/clusters', { ...description('plain', 1, 0), kubernetes, addons });
  await settled(body.id);
  const [warning] = (await events(body.id, 'ClusterWarning')).filter(({ message }) =>
    message.includes('storage account'),
  );
  expect(warning?.message).toMatch(/storageSecretName.*connection's account, whose password becomes a Secret/);
  const { data } = await read(body.id, ACCOUNT);
  expect(text(data[`${new URL(cloud.vcenter.url).hostname}.password`])).toBe(cloud.vcenter.password);
  await remove(body.id);
});

test('an account of another vCenter, or none, is refused before anything is made', async () => {
  await api('POST', '/secrets', { ...account('x', { url: 'https://elsewhere.lab' }), name: 'elsewhere' });
  const ask = async (storageSecretName: string) => {
    const { status, body } = await api('POST', '/clusters', {
      ...description('no', 1, 0),
      kubernetes,
      storageSecretName,
    });
    return [status, body.message];
  };
  expect(await ask('elsewhere')).toEqual([
    400,
    expect.stringMatching(/^storageSecretName: .*https:\/\/elsewhere\.lab, but/),
  ]);
  expect(await ask('nowhere')).toEqual([404, expect.stringContaining("no vsphere secret named 'nowhere'")]);
});
