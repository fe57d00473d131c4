import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import {
  api,
  aws,
  cloud,
  control,
  create,
  description,
  gone,
  registerConnection,
  remove,
  scaleCheck,
  settled,
  until,
  vms,
} from './harness.ts';

const run = promisify(execFile);
const slipway = async (...args: string[]) => {
  const env = { PATH: process.env.PATH, SLIPWAY_API: cloud.api, SLIPWAY_TOKEN: cloud.token };
  try {
    const { stdout } = await run('cli/slipway.js', args, { env });
    return { code: 0, stdout, stderr: '' };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
};
const names = async () => (await vms()).map(({ name }) => name).sort();
/** The VMs of one cluster: other tests' are none of its business. */
const of = async (cluster: string) => (await names()).filter((name) => name.startsWith(`${cluster}-`));

beforeAll(async () => {
  await registerConnection();
});

describe('a cluster of three masters and two workers', () => {
  let id: number;

  test('is created, within its budget of vCenter requests', async () => {
    await control('DELETE', '/requests');
    id = await create('alpha', 3, 2);
    const counts = await control('GET', '/requests');
    const requests = Object.values(counts).reduce((sum, count) => sum + count, 0);
    console.log('vCenter requests:', requests, counts);
    expect(requests).toBeLessThanOrEqual(12 + 2 * 5);
    expect(await of('alpha')).toEqual([
      'alpha-masters-01',
      'alpha-masters-02',
      'alpha-masters-03',
      'alpha-workers-01',
      'alpha-workers-02',
    ]);
  });

  test('elected one leader, and tells its timeline page by page', async () => {
    const first = (await api('GET', `/clusters/${id}/events?limit=5`)).body;
    expect(first.events).toHaveLength(5);
    const rest = (await api('GET', `/clusters/${id}/events?after=${first.next}`)).body;
    const types = [...first.events, ...rest.events].map(({ type }: { type: string }) => type);
    expect(types.filter((type) => type === 'LeaderElected')).toHaveLength(1);
    expect(types.filter((type) => type === 'NodeReady')).toHaveLength(5);
    expect(types.at(-1)).toBe('ClusterRunning');
  });

  test('gives out a kubeconfig that its API server accepts', async () => {
    const { stdout } = await slipway('kubeconfig', 'alpha');
    const config = JSON.parse(stdout);
    const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
    const { 'client-certificate-data': certificate, 'client-key-data': key } = config.users[0].user;
    const { KubernetesApi } = await import('../../lib/kubernetes/index.ts');
    const text = (data: string) => Buffer.from(data, 'base64').toString();
    const kubernetes = new KubernetesApi({ server, ca: text(ca), certificate: text(certificate), key: text(key) });
    expect((await kubernetes.request('GET', '/api/v1/nodes')).data.items).toHaveLength(5);
    expect((await kubernetes.request('GET', '/api/v1/namespaces/kube-system/secrets')).data.items).toEqual([]);
  });

  test('is scaled by the command line, up and down', async () => {
    expect((await slipway('scale', 'alpha', 'workers', '4')).code).toBe(0);
    expect((await settled(id)).status).toBe('RUNNING');
    expect(await of('alpha')).toHaveLength(7);
    expect((await slipway('scale', 'alpha', 'workers', '1')).code).toBe(0);
    expect((await settled(id)).status).toBe('RUNNING');
    expect(await of('alpha')).toEqual(['alpha-masters-01', 'alpha-masters-02', 'alpha-masters-03', 'alpha-workers-01']);
  });

  test('gets a worker back whose VM was deleted behind its back', async () => {
    const before = (await vms()).find(({ name }) => name === 'alpha-workers-01')?.instanceUuid;
    await control('POST', '/vms/alpha-workers-01/kill');
    await scaleCheck();
    await until(vms, (all) =>
      all.some(({ name, instanceUuid }) => name === 'alpha-workers-01' && instanceUuid !== before),
    );
    expect((await settled(id)).status).toBe('RUNNING');
  });

  test('gets its leader back, led by another meanwhile', async () => {
    const { body } = await api('GET', `/clusters/${id}`);
    await control('POST', `/vms/${body.leader}/kill`);
    await scaleCheck();
    await until(
      () => of('alpha'),
      (all) => all.length === 4 && all.includes(body.leader),
    );
    const after = await settled(id);
    expect(after.status).toBe('RUNNING');
    expect(after.leader).not.toBe(body.leader);
  });

  test('has its name to itself', async () => {
    const { status, body } = await api('POST', '/clusters', description('alpha', 1, 0));
    expect([status, body.error, body.code]).toEqual([409, 'NameTaken', 409]);
  });

  test('is deleted to nothing: no VM, no secret, no record', async () => {
    expect((await slipway('delete', 'alpha', '--wait')).code).toBe(0);
    expect(await of('alpha')).toEqual([]);
    const { SecretList } = await aws<{ SecretList: { Name: string }[] }>(
      'secretsmanager',
      'secretsmanager.ListSecrets',
      {},
    );
    expect(SecretList.filter(({ Name }) => Name.includes(`/clusters/${id}`))).toEqual([]);
    const { Items } = await aws<{ Items: { pk: { S: string } }[] }>('dynamodb', 'DynamoDB_20120810.Scan', {
      TableName: 'slipway-local',
    });
    expect(Items.filter(({ pk }) => pk.S === `CLUSTER#${id}`)).toEqual([]);
    expect(JSON.stringify(Items)).not.toContain('alpha');
    expect((await slipway('get', 'alpha')).code).toBe(3);
  });
});

test('of two clusters of one name that are asked for at once, one is made', async () => {
  const answers = await Promise.all([1, 2].map(() => api('POST', '/clusters', description('twin', 1, 0))));
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  const id = answers.find(({ status }) => status === 202)?.body.id;
  expect((await settled(id)).status).toBe('RUNNING');
  await remove(id);
});

test('a template that does not exist ends in ERROR with its name, and deletion works', async () => {
  const nodepools = [{ name: 'masters', roles: ['master'], size: 1, vcpu: 2, ram: 2048, template: 'no-such-template' }];
  const { body } = await api('POST', '/clusters', {
    name: 'bad',
    secretName: 'vcenter',
    kubernetes: PLAIN_KUBERNETES,
    nodepools,
  });
  const cluster = await settled(body.id);
  expect(cluster.status).toBe('ERROR');
  expect(cluster.statusMessage).toMatch(/NotFound: template 'no-such-template' is not found.*slipway delete/);
  await remove(body.id);
});

test('where the leader dies before it is ready, another leads', async () => {
  const { body } = await api('POST', '/clusters', description('orphan', 3, 0));
  const { body: leading } = await until(
    () => api('GET', `/clusters/${body.id}`),
    (answer) => answer.body.leader,
  );
  await control('POST', `/vms/${leading.leader}/kill`);
  const cluster = await settled(body.id);
  expect(cluster.status).toBe('RUNNING');
  expect(cluster.nodepools[0].ready).toBe(3);
  await remove(body.id);
});

test('a creation that is started as an execution needs no call of the API', async () => {
  const input = JSON.stringify({ organization: 1, cluster: description('direct', 1, 1) });
  await aws('states', 'AWSStepFunctions.StartExecution', {
    stateMachineArn: cloud.stateMachines['create-cluster'],
    input,
  });
  const { body } = await until(
    () => api('GET', '/clusters'),
    (answer) => answer.body.some(({ name }: { name: string }) => name === 'direct'),
  );
  const { id } = body.find(({ name }: { name: string }) => name === 'direct');
  expect((await settled(id)).status).toBe('RUNNING');
  await remove(id);
});

test('a cluster that is being created can be deleted to nothing', async () => {
  const { body } = await api('POST', '/clusters', description('short', 3, 2));
  await until(
    () => of('short'),
    (all) => all.length > 0,
  );
  expect((await api('DELETE', `/clusters/${body.id}`)).status).toBe(202);
  await gone(body.id);
  expect(await of('short')).toEqual([]);
});
