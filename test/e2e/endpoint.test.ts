import { beforeAll, describe, expect, test } from 'vitest';
import { KubernetesApi, type KubernetesError } from '../../lib/kubernetes/index.ts';
import { api, control, create, description, pool, registerConnection, remove, settled, until } from './harness.ts';

const VIRTUAL_IP = '127.254.7.9';

beforeAll(async () => {
  await registerConnection();
});

const warnings = async (id: number) =>
  (await api('GET', `/clusters/${id}/events`)).body.events.filter(
    ({ type }: { type: string }) => type === 'ClusterWarning',
  );

describe('a cluster with a virtual IP, whose masters also run workloads, behind a proxy', () => {
  let id: number;
  let secret: string;

  /** The nodes that its API server knows, asked at the endpoint with a kubeconfig. */
  async function nodesAtEndpoint(): Promise<string[]> {
    const { body } = await api('GET', `/clusters/${id}/config`);
    const config = JSON.parse(Buffer.from(body.config, 'base64').toString());
    const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
    const { 'client-certificate-data': certificate, 'client-key-data': key } = config.users[0].user;
    expect(server).toBe(`https://${VIRTUAL_IP}:6443`);
    const text = (data: string) => Buffer.from(data, 'base64').toString();
    const kubernetes = new KubernetesApi({ server, ca: text(ca), certificate: text(certificate), key: text(key) });
    const { data } = await kubernetes.request('GET', '/api/v1/nodes');
    return data.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort();
  }

  test('is created, and every node has joined at the virtual IP', async () => {
    const values = { username: 'eve', password: 'open sesame' };
    secret = (await api('POST', '/secrets', { name: 'proxy', type: 'password', values })).body.id;
    const { body } = await api('POST', '/clusters', {
      ...description('endpoint', 3, 1),
      nodepools: [pool('all', 'master', 3, { roles: ['master', 'worker'] }), pool('workers', 'worker', 1)],
      endpoint: { address: VIRTUAL_IP },
      proxy: { https: { host: 'proxy.lab', port: 3128, secretName: 'proxy' }, exceptions: ['.lab'] },
    });
    id = body.id;
    const cluster = await settled(id);
    expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '4 nodes are ready']);
    expect(cluster.endpoint).toBe(`${VIRTUAL_IP}:6443`);
    expect(await nodesAtEndpoint()).toEqual([
      'endpoint-all-01',
      'endpoint-all-02',
      'endpoint-all-03',
      'endpoint-workers-01',
    ]);
    const { events } = (await api('GET', `/clusters/${id}/events?limit=200`)).body;
    const joins = events.filter(({ type }: { type: string }) => type === 'NodeJoining');
    expect(joins.map(({ message }: { message: string }) => message.split(' at ')[1])).toEqual(
      Array(3).fill(`${VIRTUAL_IP}:6443`),
    );
    expect(await warnings(id)).toEqual([]);
  });

  test('is reached at the same address after its leader died, and nodes join there', async () => {
    const { body } = await api('GET', `/clusters/${id}`);
    await control('POST', `/vms/${body.leader}/poweroff`);
    const reached = () => nodesAtEndpoint().catch((error: KubernetesError) => error.name);
    await until(reached, (names) => names.length === 4, 10);
    await api('PUT', `/clusters/${id}/nodepools/workers`, { size: 2 });
    const cluster = await settled(id);
    expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '5 nodes are ready']);
    expect(await nodesAtEndpoint()).toHaveLength(5);
  });

  test('keeps the secret that it needs, until it is gone', async () => {
    const refused = await api('DELETE', `/secrets/${secret}`);
    expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining('used by endpoint')]);
    await remove(id);
    expect((await api('DELETE', `/secrets/${secret}`)).status).toBe(200);
  });
});

test('a proxy’s secret that is not there, or of another type, is refused before anything is made', async () => {
  const proxy = (secretName: string) => ({ http: { host: 'proxy.lab', port: 3128, secretName } });
  for (const name of ['nowhere', 'vcenter']) {
    const { status, body } = await api('POST', '/clusters', { ...description('refused', 1, 0), proxy: proxy(name) });
    expect([status, body.message]).toEqual([404, expect.stringContaining(`no password secret named '${name}'`)]);
  }
});

test('a cluster without an endpoint says so in its timeline', async () => {
  const id = await create('bare', 1, 0);
  expect(await warnings(id)).toEqual([
    expect.objectContaining({ message: expect.stringContaining('has no endpoint') }),
  ]);
  await remove(id);
});
