import { describe, expect, test } from 'vitest';
import { resolveDefaults } from '../../../../lib/operations/check-connection/defaults.ts';
import type { TemplateFacts } from '../../../../lib/operations/check-connection/facts.ts';
import { type Held, privilegeIds, privilegeRows } from '../../../../lib/operations/check-connection/privileges.ts';
import type { Row } from '../../../../lib/operations/check-connection/row.ts';
import { certificateRows, clockRow, versionRow } from '../../../../lib/operations/check-connection/server.ts';
import { datastoreRows, networkRows, templateRows } from '../../../../lib/operations/check-connection/template.ts';
import type { Entity, ShownCertificate } from '../../../../lib/vsphere/index.ts';

const statuses = (rows: Row[]) => Object.fromEntries(rows.map(({ check, status }) => [check, status]));

describe('the certificate', () => {
  const shown: ShownCertificate = {
    subject: 'CN=vc.lab',
    issuer: 'CN=lab',
    fingerprint: 'AA:11',
    fingerprint256: 'BB:22',
    expires: new Date('2030-01-31T00:00:00Z'),
    by: 'pinned',
    trusted: true,
    reason: '',
  };
  const on = (day: string, more: Partial<ShownCertificate> = {}) =>
    certificateRows({ ...shown, ...more }, new Date(`${day}T00:00:00Z`));

  test.each([
    ['2029-12-01', 'ok'],
    ['2030-01-01', 'ok'],
    ['2030-01-02', 'warning'],
    ['2030-02-02', 'warning'],
  ])('on %s its expiry is %s', (day, status) => {
    expect(statuses(on(day))['certificate expiry']).toBe(status);
  });
  test('shows both fingerprints and by what it is trusted', () => {
    expect(on('2029-01-01')[0]?.found).toBe(
      'CN=vc.lab, issued by CN=lab; SHA-256 BB:22; SHA-1 AA:11; trusted by the pinned fingerprint',
    );
    expect(on('2029-01-01', { by: 'ca' })[0]?.found).toMatch(/trusted by the connection's authority/);
    expect(on('2029-01-01', { by: 'public' })[0]?.found).toMatch(/trusted by public authorities/);
  });
  test('that is not trusted says which fingerprint to pin', () => {
    const [row] = on('2029-01-01', { by: 'public', trusted: false, reason: 'SELF_SIGNED' });
    expect(row).toMatchObject({ status: 'failed', found: expect.stringMatching(/SELF_SIGNED/) });
    expect(row?.advice).toMatch(/fingerprint to BB:22/);
  });
});

test.each([
  ['6.7.0', 'VMware vCenter Server 6.7.0', 'failed'],
  ['7.0.3', 'VMware vCenter Server 7.0.3', 'ok'],
  ['8.0.0', 'VMware vCenter Server 8.0.0', 'ok'],
  ['9.0.1', 'VMware vCenter Server 9.0.1', 'ok'],
  ['9.1.0', 'VMware vCenter Server 9.1.0', 'warning'],
  ['10.0.0', 'VMware vCenter Server 10.0.0', 'warning'],
  ['8.0.0', 'VMware ESXi 8.0.0', 'failed'],
])('version %s of %s is %3$s', (version, name, status) => {
  expect(versionRow({ name, version }).status).toBe(status);
});

test.each([
  [400, 'ok', 'as ours'],
  [60_000, 'ok', '60 s ahead of ours'],
  [-61_000, 'warning', '61 s behind ours'],
  [300_000, 'warning', '300 s ahead of ours'],
  [-301_000, 'failed', '301 s behind ours'],
])('a clock that is off by %d ms is %s', (skew, status, found) => {
  expect(clockRow(skew)).toMatchObject({ status, found });
});

describe('a template', () => {
  const good: TemplateFacts = {
    isTemplate: true,
    hardware: 'vmx-19',
    powerState: 'poweredOff',
    toolsVersion: 12_389,
    toolsStatus: 'guestToolsUnmanaged',
    nics: 1,
    hasSnapshot: false,
    size: 10 * 1024 ** 3,
    datastores: [],
    networks: [],
  };
  const of = (more: Partial<TemplateFacts>) => statuses(templateRows({ ...good, ...more }, '/DC0/vm/t'));

  test('that is good has nothing but its cloud-init unseen', () => {
    const rows = templateRows(good, '/DC0/vm/t');
    expect(rows.filter(({ status }) => status !== 'ok')).toMatchObject([
      { check: 'template cloud-init', status: 'skipped', advice: expect.stringMatching(/cloud-id.*DataSourceVMware/) },
    ]);
  });
  test.each([
    ['vmx-13', 'failed'],
    ['vmx-14', 'failed'],
    ['vmx-15', 'ok'],
    ['vmx-21', 'ok'],
    ['', 'failed'],
  ])('of hardware %s: %s', (hardware, status) => {
    expect(of({ hardware })['template hardware version']).toBe(status);
  });
  test('without guest tools is a warning', () => {
    expect(of({ toolsVersion: 0 })['template guest tools']).toBe('warning');
    expect(of({ toolsStatus: 'guestToolsNotInstalled' })['template guest tools']).toBe('warning');
  });
  test('may be a VM that is switched off, not one that runs', () => {
    expect(of({ isTemplate: false })['template state']).toBe('ok');
    expect(of({ isTemplate: false, powerState: 'poweredOn' })['template state']).toBe('failed');
  });
  test('without a NIC, or with one that is connected to nothing, fails', () => {
    expect(of({ nics: 0 })['template NICs']).toBe('failed');
    expect(networkRows([])).toMatchObject([{ status: 'failed' }]);
  });
});

describe('a datastore', () => {
  const size = 10;
  const good = { name: 'ssd', free: 100, accessible: true, maintenance: 'normal' };
  test('has room for ten clones, or warns', () => {
    expect(statuses(datastoreRows(good, size))).toEqual({ 'datastore state': 'ok', 'free space': 'ok' });
    expect(statuses(datastoreRows({ ...good, free: 99 }, size))['free space']).toBe('warning');
    expect(statuses(datastoreRows(good, undefined))['free space']).toBe('skipped');
  });
  test('in maintenance or not accessible fails', () => {
    expect(statuses(datastoreRows({ ...good, maintenance: 'inMaintenance' }, size))['datastore state']).toBe('failed');
    expect(statuses(datastoreRows({ ...good, accessible: false }, size))['datastore state']).toBe('failed');
  });
});

describe('privileges', () => {
  const folder: Held = { ref: { type: 'Folder', value: 'group-1' }, path: '/DC0/vm/k8s', as: 'folder' };
  const rows = (without: string[]) =>
    privilegeRows([folder], new Map([['group-1', new Set(privilegeIds.filter((id) => !without.includes(id)))]]));

  test('that are all there are one row', () => {
    expect(rows([])).toMatchObject([
      { check: 'privileges on folder /DC0/vm/k8s', status: 'ok', privileges: { missing: [] } },
    ]);
  });
  test('that are missing are named with the object and its role', () => {
    const [row] = rows(['VirtualMachine.Inventory.Delete', 'VirtualMachine.Config.Memory']);
    expect(row).toMatchObject({ status: 'failed', advice: expect.stringContaining('slipway-folder on /DC0/vm/k8s') });
    expect(row?.privileges?.missing).toEqual(['VirtualMachine.Config.Memory', 'VirtualMachine.Inventory.Delete']);
    expect(row?.privileges?.needed).toContain('VirtualMachine.Config.CPUCount');
  });
  test('of a feature are a warning that names it', () => {
    expect(rows(['VirtualMachine.Config.DiskExtend'])).toMatchObject([
      { status: 'ok' },
      {
        status: 'warning',
        check: expect.stringMatching(/^disk size:/),
        found: 'missing: VirtualMachine.Config.DiskExtend',
      },
    ]);
  });
  test('of an object that vCenter says nothing about are missing', () => {
    expect(privilegeRows([folder], new Map())[0]).toMatchObject({ status: 'failed' });
  });
});

describe('defaults', () => {
  const entity = (type: string, path: string, parent?: Entity): Entity => ({
    ref: { type, value: path },
    name: path.split('/').pop() ?? '',
    path,
    parent,
  });
  const datacenter = entity('Datacenter', '/DC0');
  const cluster = entity('ClusterComputeResource', '/DC0/host/C0', datacenter);
  const root = entity('ResourcePool', '/DC0/host/C0/Resources', cluster);
  const inventory = [
    datacenter,
    entity('Folder', '/DC0/vm', datacenter),
    cluster,
    root,
    entity('ResourcePool', '/DC0/host/C0/Resources/k8s', root),
    entity('VirtualMachine', '/DC0/vm/ubuntu', datacenter),
  ];

  test('that name nothing are the only ones that there are', () => {
    const { rows, found } = resolveDefaults(inventory, {});
    expect(statuses(rows)).toEqual({
      datacenter: 'ok',
      folder: 'ok',
      'resource pool': 'ok',
      datastore: 'ok',
      template: 'skipped',
    });
    expect(found).toMatchObject({ folder: { path: '/DC0/vm' }, resourcePool: root, cluster });
  });
  test('a pool belongs to its cluster', () => {
    const { found } = resolveDefaults(inventory, { resourcePool: 'k8s' });
    expect(found).toMatchObject({ resourcePool: { name: 'k8s' }, cluster });
  });
  test('that are not found leave the others to be looked for', () => {
    const { rows, found } = resolveDefaults(inventory, { datastore: 'ssd', template: 'ubuntu' });
    expect(statuses(rows)).toMatchObject({ datastore: 'failed', template: 'ok' });
    expect(found.template?.path).toBe('/DC0/vm/ubuntu');
  });
  test('need a datacenter', () => {
    const { rows } = resolveDefaults([...inventory, entity('Datacenter', '/DC1')], { template: 'ubuntu' });
    expect(rows[0]).toMatchObject({
      check: 'datacenter',
      status: 'failed',
      found: expect.stringMatching(/\/DC0, \/DC1/),
    });
    expect(statuses(rows.slice(1))).toMatchObject({ folder: 'skipped', template: 'skipped' });
  });
});
