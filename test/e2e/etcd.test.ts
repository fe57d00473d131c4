import { beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import {
  api,
  aws,
  cloud,
  control,
  events,
  gone,
  pool,
  registerConnection,
  scaleCheck,
  settled,
  until,
  vms,
} from './harness.ts';

interface Node {
  name: string;
  role: string;
  ip: string;
  instanceUuid: string;
}
const on = (name: string, masters: number, prefix?: string) => ({
  name,
  secretName: 'vcenter',
  kubernetes: PLAIN_KUBERNETES,
  endpoint: { address: `127.254.8.${name.length}${name.charCodeAt(0) % 10}` },
  etcd: { clusterName: 'store', prefix },
  nodepools: [pool('masters', 'master', masters)],
});
const of = async (cluster: string) => (await vms()).filter(({ name }) => name.startsWith(`${cluster}-`));
const items = async () =>
  (await aws<{ Items: unknown[] }>('dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'slipway-local' })).Items;

async function make(body: object): Promise<number> {
  const answer = await api('POST', '/clusters', body);
  expect([answer.status, answer.body]).toEqual([202, expect.anything()]);
  const cluster = await settled(answer.body.id);
  expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', expect.stringMatching(/nodes are ready/)]);
  return answer.body.id;
}

beforeAll(async () => {
  await registerConnection();
});

describe('an etcd cluster that two Kubernetes clusters share', () => {
  let store: number;
  let shop: number;
  let blog: number;

  test('is refused to be used before it is up, and comes up', async () => {
    const nodepools = [pool('etcd', 'etcd', 3)];
    const { body } = await api('POST', '/clusters', { name: 'store', secretName: 'vcenter', nodepools });
    store = body.id;
    const early = await api('POST', '/clusters', on('early', 1));
    expect([early.status, early.body.message]).toEqual([409, expect.stringContaining('store is not up yet')]);
    const cluster = await settled(store);
    expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '3 nodes are ready']);
    const { body: nodes } = await api<Node[]>('GET', `/clusters/${store}/nodes`);
    expect(nodes.map(({ role }) => role)).toEqual(['etcd', 'etcd', 'etcd']);
    const config = await api('GET', `/clusters/${store}/config`);
    expect([config.status, config.body.message]).toEqual([409, expect.stringContaining('is an etcd cluster')]);
  });

  test('holds the state of clusters with two API servers', async () => {
    [shop, blog] = (await Promise.all([make(on('shop', 2, '/shop')), make(on('blog', 2))])) as [number, number];
    expect((await api('GET', `/clusters/${shop}`)).body.etcd).toMatchObject({ clusterId: store, prefix: '/shop' });
    expect((await api('GET', `/clusters/${blog}`)).body.etcd).toMatchObject({ prefix: `/slipway-${blog}` });
    expect((await events(shop)).map(({ type }) => type)).toContain('EtcdPrepared');
  });

  test('refuses a prefix that is taken, before anything is made', async () => {
    const before = (await items()).length;
    const third = await api('POST', '/clusters', on('third', 1, '/shop'));
    expect([third.status, third.body.message]).toEqual([
      409,
      expect.stringMatching(/etcd\.prefix: cluster shop \(id \d+\) keeps its state below \/shop/),
    ]);
    expect((await items()).length).toBe(before);
    // The name is free at once.
    const other = await api('POST', '/clusters', { ...on('third', 1, '/shop'), etcd: { clusterName: 'nowhere' } });
    expect(other.status).toBe(404);
  });

  test('is not deleted while it is used, and the users are named', async () => {
    const { status, body } = await api('DELETE', `/clusters/${store}`);
    expect([status, body.message]).toEqual([409, expect.stringMatching(/holds the state of (blog, shop|shop, blog)/)]);
    expect((await api('GET', `/clusters/${store}`)).body.status).toBe('RUNNING');
  });

  test('stays an etcd cluster of three or five', async () => {
    const put = async (id: number, nodepools: object[]) => {
      const { status, body } = await api('PUT', `/clusters/${id}`, { nodepools });
      return [status, body.message];
    };
    expect(await put(store, [pool('etcd', 'etcd', 4)])).toEqual([400, expect.stringContaining('3 or 5')]);
    expect(await put(store, [pool('m', 'master', 1)])).toEqual([409, expect.stringContaining('is an etcd cluster')]);
    expect(await put(shop, [pool('etcd', 'etcd', 3)])).toEqual([
      409,
      expect.stringContaining('is a Kubernetes cluster'),
    ]);
  });

  test('gets a member back whose VM was deleted behind its back, and says which API servers do not know it', async () => {
    const { body: before } = await api<Node[]>('GET', `/clusters/${store}/nodes`);
    const kill = async (node: Node) => {
      await control('POST', `/vms/${node.name}/kill`);
      await scaleCheck();
      await until(vms, (all) =>
        all.some(({ name, instanceUuid }) => name === node.name && instanceUuid !== node.instanceUuid),
      );
      expect((await settled(store)).status).toBe('RUNNING');
    };
    await kill(before[0] as Node);
    expect(await of('store')).toHaveLength(3);
    expect(await events(store, 'NodeRemoved')).toHaveLength(1);
    await kill(before[1] as Node);
    const { body: after } = await api<Node[]>('GET', `/clusters/${store}/nodes`);
    const known = before.filter(({ ip }) => after.some((node) => node.ip === ip));
    const warnings = () => events(shop, 'ClusterWarning');
    if (known.length >= 2) expect(await warnings()).toEqual([]);
    else {
      const told = await until(warnings, (all) => all.length > 0);
      expect(told.at(-1)?.message).toMatch(/etcd cluster store were replaced: shop-masters-01, shop-masters-02/);
    }
  });

  test('lets its clusters be changed: another API server is told the members of now', async () => {
    await api('PUT', `/clusters/${shop}/nodepools/masters`, { size: 3 });
    const cluster = await settled(shop);
    expect([cluster.status, cluster.statusMessage]).toEqual(['RUNNING', '3 nodes are ready']);
  });

  test('tells nobody the password of root, nor the keys of its users', async () => {
    const secrets: string[] = [];
    for (const id of [store, shop, blog]) {
      const SecretId = `slipway/local/clusters/${id}`;
      const { SecretString } = await aws<{ SecretString: string }>('secretsmanager', 'secretsmanager.GetSecretValue', {
        SecretId,
      });
      const { etcdRootPassword, etcdClient, certificates } = JSON.parse(SecretString);
      secrets.push(etcdRootPassword ?? etcdClient.key, certificates.etcdCaKey);
    }
    expect(secrets).toHaveLength(6);
    let told = JSON.stringify(await items());
    for (const stateMachineArn of Object.values(cloud.stateMachines)) {
      const { executions } = await aws<{ executions: { executionArn: string }[] }>(
        'states',
        'AWSStepFunctions.ListExecutions',
        { stateMachineArn },
      );
      for (const { executionArn } of executions)
        told += JSON.stringify(
          await aws('states', 'AWSStepFunctions.GetExecutionHistory', { executionArn, maxResults: 1000 }),
        );
    }
    expect(told.length).toBeGreaterThan(100_000);
    for (const secret of secrets) {
      // As JSON has it, and alone: line ends are written in more than one way.
      const line = secret.split('\n').find((each) => each.length > 40 && !each.includes('-----')) ?? secret;
      expect(told.includes(line)).toBe(false);
    }
  });

  test('gives a prefix back with the cluster: keys, user and reservation are gone, and it can be used again', async () => {
    await api('DELETE', `/clusters/${shop}`);
    await gone(shop);
    expect(JSON.stringify(await items())).not.toContain('/shop');
    shop = await make(on('again', 1, '/shop'));
  });

  test('is deleted to nothing after its clusters', async () => {
    for (const id of [shop, blog]) {
      await api('DELETE', `/clusters/${id}`);
      await gone(id);
    }
    expect((await api('DELETE', `/clusters/${store}`)).status).toBe(202);
    await gone(store);
    for (const name of ['store', 'shop', 'again', 'blog']) expect(await of(name)).toEqual([]);
    const left = JSON.stringify(await items());
    expect(left).not.toContain('ETCD#');
    expect(left).not.toContain('"S":"store"');
    const { SecretList } = await aws<{ SecretList: { Name: string }[] }>(
      'secretsmanager',
      'secretsmanager.ListSecrets',
      {},
    );
    expect(SecretList.filter(({ Name }) => [store, shop, blog].some((id) => Name.endsWith(`/clusters/${id}`)))).toEqual(
      [],
    );
  });
});

describe('an etcd of one’s own', () => {
  const values = async () => {
    const { createClusterCertificates, issueClientCertificate } = await import('../../lib/pki/index.ts');
    const { etcdCaCert: ca, etcdCaKey: caKey } = await createClusterCertificates({ name: 'own' });
    const client = { caCert: ca, caKey, commonName: 'k8s', organizations: [], minutes: 60 };
    return { ca, ...(await issueClientCertificate(client)) };
  };
  const own = (name: string, endpoints: string[]) => ({
    ...on(name, 2),
    etcd: { endpoints, secretName: 'own-etcd', prefix: '/own' },
  });

  test('that does not answer ends the creation before a VM is made; its prefix is held, and given back', async () => {
    const { status } = await api('POST', '/secrets', { name: 'own-etcd', type: 'etcd', values: await values() });
    expect(status).toBe(201);
    const { body } = await api('POST', '/clusters', own('first', ['https://127.0.0.2:9', 'https://127.0.0.3:9']));
    const twin = await api('POST', '/clusters', own('second', ['https://127.0.0.4:9', 'https://127.0.0.3:9']));
    expect([twin.status, twin.body.message]).toEqual([409, expect.stringContaining('cluster first')]);
    expect(JSON.stringify(await items())).not.toContain('127.0.0.4');
    const cluster = await settled(body.id);
    expect(cluster.statusMessage).toMatch(/KubernetesUnreachable: https:\/\/127\.0\.0\.3:9 does not answer/);
    expect(await of('first')).toEqual([]);
    const { body: secrets } = await api('GET', '/secrets?type=etcd');
    expect((await api('DELETE', `/secrets/${secrets[0].id}`)).status).toBe(409);
    await api('DELETE', `/clusters/${body.id}`);
    await gone(body.id);
    expect(JSON.stringify(await items())).not.toContain('/own');
    expect((await api('DELETE', `/secrets/${secrets[0].id}`)).status).toBe(200);
  });

  test('is refused without its secret', async () => {
    const { status, body } = await api('POST', '/clusters', own('lost', ['https://127.0.0.2:9']));
    expect([status, body.message]).toEqual([404, expect.stringContaining("no etcd secret named 'own-etcd'")]);
  });
});
