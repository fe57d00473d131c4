import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { privilegeIds } from '../../../../lib/operations/check-connection/privileges.ts';
import { checkConnection } from '../../../../lib/operations/check-connection.ts';
import { findOne, KINDS, readEntities, toRef, toXml, VCenter, waitForTasks } from '../../../../lib/vsphere/index.ts';
import { startVcsim, type Vcsim } from '../../../../local/cloud/vcsim.ts';

const state = mkdtempSync(join(tmpdir(), 'slipway-check-'));
let vcsim: Vcsim;
beforeAll(async () => {
  vcsim = await startVcsim({ port: 0, password: 'secret', state, args: ['-datastores', '2', '-pools', '1'] });
}, 120_000);
afterAll(async () => {
  await vcsim.stop();
  rmSync(state, { recursive: true });
});
beforeEach(async () => {
  await fetch(`${vcsim.control}/requests`, { method: 'DELETE' });
});

const DEFAULTS = {
  datacenter: 'DC0',
  folder: '/DC0/vm',
  resourcePool: 'DC0_C0_RP1',
  datastore: 'LocalDS_1',
  template: 'ubuntu-24.04',
};

async function check(
  more: { password?: string; fingerprint?: string; ca?: string; url?: string } = {},
  defaults: object = DEFAULTS,
) {
  const endpoint = { url: vcsim.url, fingerprint: vcsim.fingerprint, ...more };
  const vcenter = VCenter.connect({ ...endpoint, user: vcsim.user, password: more.password ?? vcsim.password });
  try {
    const result = checkConnection.output.parse(
      await checkConnection.run({ vcenter }, checkConnection.input.parse({ endpoint, defaults })),
    );
    return { ...result, row: (name: string) => result.checks.find(({ check }) => check === name) };
  } finally {
    await vcenter.logout();
  }
}
const requests = async () => (await (await fetch(`${vcsim.control}/requests`)).json()) as Record<string, number>;
const rule = (method: string, set: object) =>
  fetch(`${vcsim.control}/methods/${method}`, { method: 'PUT', body: JSON.stringify(set) });

test('a healthy connection has no failed row and no warning, in 12 requests', async () => {
  const { ok, checks, row } = await check();
  expect(checks.filter(({ status }) => status === 'failed' || status === 'warning')).toEqual([]);
  expect(ok).toBe(true);
  expect(row('certificate')?.found).toContain(vcsim.fingerprint);
  expect(row('sign-in')?.found).toBe(`as ${vcsim.user}`);
  expect(row('resource pool')?.found).toMatch(
    /^\/DC0\/host\/DC0_C0\/Resources\/DC0_C0_RP1 \(ResourcePool:resgroup-\d+\)$/,
  );
  expect(row('network')?.found).toMatch(/^DC0_DVPG0 \(DistributedVirtualPortgroup:/);
  const holders = checks.flatMap(({ check }) => /^privileges on (\S+)/.exec(check)?.[1] ?? []);
  expect(holders).toEqual([
    'vcenter',
    'datacenter',
    'folder',
    'resource-pool',
    'cluster',
    'datastore',
    'network',
    'template',
  ]);
  const { Logout, ...counted } = await requests();
  expect(Logout).toBe(1);
  expect(Object.values(counted).reduce((sum, each) => sum + each)).toBeLessThanOrEqual(12);
});

test('a datastore that is not named is that of the template', async () => {
  const { ok, row } = await check({}, { template: 'ubuntu-24.04' });
  expect(ok).toBe(true);
  expect(row('datastore state')?.found).toBe('LocalDS_0 is accessible');
  expect(row('privileges on datastore LocalDS_0')?.status).toBe('ok');
});

test('a wrong password is a failed row, after exactly one try', async () => {
  const { ok, row } = await check({ password: 'wrong' });
  expect(ok).toBe(false);
  expect(row('sign-in')).toMatchObject({ status: 'failed', advice: expect.stringMatching(/tried once/) });
  expect(row('version')?.status).toBe('ok');
  expect(row('everything else')?.status).toBe('skipped');
  expect(await requests()).toEqual({ RetrieveServiceContent: 1, Login: 1 });
});

test('a wrong fingerprint is a failed row with the right one, and nothing is sent', async () => {
  const { ok, row } = await check({ fingerprint: 'AB:'.repeat(32).slice(0, -1) });
  expect(ok).toBe(false);
  expect(row('certificate')).toMatchObject({
    status: 'failed',
    advice: expect.stringContaining(`fingerprint to ${vcsim.fingerprint}`),
  });
  expect(await requests()).toEqual({});
});

test('a certificate that nothing vouches for shows its fingerprint to pin', async () => {
  const { row } = await check({ fingerprint: undefined });
  expect(row('certificate')).toMatchObject({ status: 'failed', found: expect.stringMatching(/public authorities/) });
  expect(row('certificate')?.advice).toContain(vcsim.fingerprint);
});

test('a certificate may be trusted by its authority', async () => {
  const ca = readFileSync(join(state, 'vcsim.pem'), 'utf8');
  const { ok, row } = await check({ fingerprint: undefined, ca });
  expect([ok, row('certificate')?.found]).toEqual([
    true,
    expect.stringMatching(/trusted by the connection's authority/),
  ]);
});

test('a default that does not resolve is a failed row, and the others are checked', async () => {
  const { ok, row } = await check({}, { ...DEFAULTS, datastore: 'nowhere' });
  expect(ok).toBe(false);
  expect(row('datastore')).toMatchObject({ status: 'failed', found: expect.stringMatching(/LocalDS_0/) });
  expect(row('template')?.status).toBe('ok');
  expect(row('privileges on template /DC0/vm/ubuntu-24.04')?.status).toBe('ok');
});

describe('a server', () => {
  let silent: Server;
  let port: number;
  beforeAll(async () => {
    silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    port = (silent.address() as { port: number }).port;
  });
  afterAll(() => void silent.close());

  test('that is not there is a failed row', async () => {
    const { row } = await check({ url: 'https://127.0.0.1:9' });
    expect(row('certificate')).toMatchObject({ status: 'failed', advice: expect.stringMatching(/TCP 443/) });
  });
  test('that says nothing is a failed row after five seconds', async () => {
    const { row } = await check({ url: `https://127.0.0.1:${port}` });
    expect(row('certificate')?.found).toMatch(/no answer in 5 s/);
  }, 20_000);
});

describe('a call', () => {
  test('that hangs is a failed row after eight seconds, and the others go on', async () => {
    await rule('CurrentTime', { delayMs: 9000, times: 1 });
    const { row } = await check();
    expect(row('clock')).toMatchObject({ status: 'failed', found: expect.stringMatching(/no answer in 8\.0 s/) });
    expect(row('template')?.status).toBe('ok');
  }, 20_000);
  test('that is refused for want of a privilege says which roles there are', async () => {
    await rule('HasPrivilegeOnEntities', { fail: 'before', fault: 'NoPermission', times: 1 });
    const { row } = await check();
    expect(row('privileges')).toMatchObject({
      status: 'failed',
      advice: expect.stringMatching(/docs\/vcenter-role\.md/),
    });
  });
});

test('vCenter knows every privilege of the role by its id', async () => {
  const vcenter = VCenter.connect(vcsim);
  const manager = { type: 'AuthorizationManager', value: 'AuthorizationManager' };
  const create = (name: string, privIds: string[]) => vcenter.call('AddAuthorizationRole', manager, { name, privIds });
  await create('slipway', privilegeIds);
  await expect(create('misspelt', ['VirtualMachine.Config.Memorry'])).rejects.toThrow(/InvalidArgument/);
  await vcenter.logout();
});

test('a VM as template, of old hardware and without guest tools, is a failed row and a warning', async () => {
  const vcenter = VCenter.connect(vcsim);
  const entities = await readEntities(vcenter);
  const template = findOne(entities, KINDS.template, 'ubuntu-24.04');
  const pool = findOne(entities, KINDS.resourcePool, 'DC0_C0_RP1');
  await vcenter.call('MarkAsVirtualMachine', template.ref, { pool: toXml(pool.ref) });
  // vcsim takes these keys for properties of the VM.
  const set = { 'config.version': 'vmx-13', 'guest.toolsVersionStatus2': 'guestToolsNotInstalled' };
  const tasks = await vcenter.call('ReconfigVM_Task', template.ref, {
    spec: {
      extraConfig: Object.entries(set).map(([path, text]) => ({
        '@xsi:type': 'OptionValue',
        key: `SET.${path}`,
        value: { '@xsi:type': 'xsd:string', '#text': text },
      })),
    },
  });
  expect(await waitForTasks(vcenter, tasks.map(toRef), 5)).toEqual([undefined]);
  await vcenter.logout();

  const { ok, row } = await check();
  expect(ok).toBe(false);
  expect(row('template state')?.found).toBe('a VM that is switched off');
  expect(row('template hardware version')).toMatchObject({ status: 'failed', found: '13: below 15' });
  expect(row('template guest tools')?.status).toBe('warning');
  expect(row('privileges on vm-template /DC0/vm/ubuntu-24.04')?.status).toBe('ok');
});
