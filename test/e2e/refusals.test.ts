import { beforeAll, describe, expect, test } from 'vitest';
import { type Entity, type Ref, readEntities, toRef, VCenter } from '../../lib/vsphere/index.ts';
import { api, cloud, control, description, pool, registerConnection, remove, settled } from './harness.ts';

beforeAll(async () => {
  await registerConnection();
});

describe('the API refuses', () => {
  const bad: [string, unknown, number, RegExp][] = [
    ['a name with capitals', description('Alpha', 1, 0), 400, /^name: /],
    ['two masters', description('two', 2, 0), 400, /^nodepools\[0\]\.size: /],
    ['a name over 40 characters', description('a'.repeat(41), 1, 0), 400, /^name: at most 40/],
    ['no master', description('none', 0, 1), 400, /^nodepools/],
    ['a pool over its limit', description('big', 1, 1000), 400, /^nodepools\[1\]\.size: at most 999/],
    ['an unknown role', { ...description('x', 1, 0), nodepools: [pool('m', 'king', 1)] }, 400, /roles/],
    [
      'an unknown connection',
      description('x', 1, 0, { secretName: 'nowhere' }),
      404,
      /no vsphere secret named 'nowhere'/,
    ],
    ['malformed JSON', '{"name":', 400, /not JSON/],
    ['a body over 256 KiB', JSON.stringify({ name: 'x'.repeat(300_000) }), 413, /256 KiB/],
  ];
  test.each(bad)('%s, before anything is touched', async (_, body, status, message) => {
    const answer = await api('POST', '/clusters', body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      code: status,
      error: expect.any(String),
      message: expect.stringMatching(message),
    });
  });

  test('what it does not know', async () => {
    expect((await api('GET', '/clusters/4711')).body).toMatchObject({ code: 404, error: 'NotFound' });
    expect((await api('GET', '/clusters/x')).body).toMatchObject({ code: 400, error: 'InvalidSpec' });
    expect((await api('GET', '/nowhere')).body).toMatchObject({ code: 404, error: 'NotFound' });
  });

  const routes: [string, string][] = [
    ['GET', '/clusters'],
    ['POST', '/clusters'],
    ['GET', '/clusters/1'],
    ['PUT', '/clusters/1'],
    ['DELETE', '/clusters/1'],
    ['GET', '/clusters/1/nodes'],
    ['GET', '/clusters/1/nodepools'],
    ['GET', '/clusters/1/config'],
    ['GET', '/clusters/1/credential'],
    ['GET', '/clusters/1/events'],
    ['GET', '/clusters/1/bootstrap'],
    ['POST', '/clusters/1/pke/leader'],
    ['GET', '/clusters/1/pke/ready'],
    ['POST', '/clusters/1/pke/ready'],
    ['POST', '/clusters/1/pke/status'],
    ['GET', '/clusters/1/pke/commands'],
    ['GET', '/secrets'],
    ['POST', '/secrets'],
  ];
  test.each(routes)('no, expired, forged and foreign tokens on %s %s', async (method, path) => {
    const ask = async (token: string | null) =>
      (await api(method, path, method === 'GET' ? undefined : {}, token)).status;
    const forged = `${cloud.token.slice(0, -8)}AAAAAAAA`;
    expect(await Promise.all([ask(null), ask(cloud.tokens.expired), ask(forged), ask('x.y.z')])).toEqual([
      401, 401, 401, 401,
    ]);
    expect(await ask(cloud.tokens.foreign)).toBe(403);
  });

  test('what a role does not allow', async () => {
    expect((await api('POST', '/clusters', description('v', 1, 0), cloud.tokens.viewer)).status).toBe(403);
    expect((await api('GET', '/clusters', undefined, cloud.tokens.viewer)).status).toBe(200);
  });

  test('to forget a connection that a cluster uses, and never tells its values', async () => {
    const { body } = await api('POST', '/clusters', description('user', 1, 0));
    const { body: secrets } = await api('GET', '/secrets?type=vsphere');
    expect(JSON.stringify(secrets)).not.toContain(cloud.vcenter.password);
    const { id } = secrets.find(({ name }: { name: string }) => name === 'vcenter');
    expect((await api('DELETE', `/secrets/${id}`)).body).toMatchObject({
      code: 409,
      message: expect.stringContaining('user'),
    });
    await settled(body.id);
    await remove(body.id);
  });
});

describe('a creation ends in ERROR and says why, where', () => {
  const fails = async (name: string, connection: string, values: object, more = {}) => {
    await registerConnection(connection, values);
    const { body } = await api('POST', '/clusters', description(name, 1, 0, { secretName: connection, ...more }));
    return await settled(body.id);
  };

  test('the password is wrong, after one try', async () => {
    await control('DELETE', '/requests');
    const { status, statusMessage } = await fails('wrong', 'wrong-password', { password: 'no' });
    expect([status, statusMessage]).toEqual(['ERROR', expect.stringContaining('NotAuthorized: ')]);
    expect((await control('GET', '/requests')).Login).toBe(1);
  });

  test('the vCenter does not answer', async () => {
    const { status, statusMessage } = await fails('down', 'down', { url: 'https://127.0.0.2:9' });
    expect([status, statusMessage]).toEqual(['ERROR', expect.stringContaining('VCenterUnreachable: ')]);
  });

  test('the vCenter has too much to do for a clone, again and again', async () => {
    await control('PUT', '/methods/CloneVM_Task', { fail: 'before', fault: '503' });
    const { status, statusMessage, id } = await fails('busy', 'busy', {});
    await control('DELETE', '/methods');
    expect([status, statusMessage]).toEqual(['ERROR', expect.stringContaining('VCenterBusy: ')]);
    await remove(id);
  });

  test('the vCenter shows another certificate', async () => {
    const { statusMessage } = await fails('untrusted', 'untrusted', { fingerprint: '00'.repeat(32) });
    expect(statusMessage).toContain('VCenterUntrusted: ');
  });

  test('a resource pool does not exist', async () => {
    const { statusMessage } = await fails('pool', 'vcenter', {}, { resourcePool: 'no-such-pool' });
    expect(statusMessage).toMatch(/NotFound: resource pool 'no-such-pool' is not found in \/DC0/);
  });

  test('a folder’s name is ambiguous: both paths are told, and the full one works', async () => {
    const vcenter = VCenter.connect(cloud.vcenter);
    const folder = async (parent: Ref, name: string) =>
      toRef((await vcenter.call('CreateFolder', parent, { name }))[0]);
    const root = (await readEntities(vcenter)).find(({ path }) => path === '/DC0/vm') as Entity;
    for (const name of ['north', 'south']) await folder(await folder(root.ref, name), 'kubernetes');
    await vcenter.logout();
    const { statusMessage } = await fails('which', 'vcenter', {}, { folder: 'kubernetes' });
    expect(statusMessage).toMatch(
      /InvalidSpec: folder 'kubernetes' is ambiguous in \/DC0: \/DC0\/vm\/north\/kubernetes and \/DC0\/vm\/south\/kubernetes\. Write the full path/,
    );
    expect((await fails('north', 'vcenter', {}, { folder: '/DC0/vm/north/kubernetes' })).status).toBe('RUNNING');
  });
});
