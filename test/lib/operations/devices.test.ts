import { describe, expect, test } from 'vitest';
import { chooseDatastores } from '../../../lib/operations/placement/datastores.ts';
import { diskChanges, diskLocators } from '../../../lib/operations/placement/disks.ts';
import type { Located } from '../../../lib/operations/placement/locate.ts';
import { nicChanges } from '../../../lib/operations/placement/nics.ts';
import { readRecommendations } from '../../../lib/operations/placement/recommend-datastore.ts';
import { readDevices, type Template } from '../../../lib/operations/placement/template.ts';
import { type Entity, VCenter, type Xml } from '../../../lib/vsphere/index.ts';
import { readBody } from '../../../lib/vsphere/xml.ts';

const GIB = 1024 ** 2;
const disk = (key: number, unitNumber: number, more = {}) => ({
  '@type': 'VirtualDisk',
  key: String(key),
  backing: {
    fileName: `[ds] t/${key}.vmdk`,
    diskMode: 'persistent',
    thinProvisioned: 'true',
    datastore: 'datastore-1',
  },
  controllerKey: '1000',
  unitNumber: String(unitNumber),
  capacityInKB: String(10 * GIB),
  ...more,
});
const nic = (key: number, type: string) => ({
  '@type': type,
  key: String(key),
  controllerKey: '100',
  unitNumber: String(key - 3993),
});
const templateOf = (...devices: Xml[]): Template => ({
  ref: { type: 'VirtualMachine', value: 'vm-1' },
  name: '/DC/vm/t',
  ...readDevices({ VirtualDevice: devices }),
});
const scsi = { '@type': 'ParaVirtualSCSIController', key: '1000' };
const cdrom = { '@type': 'VirtualCdrom', key: '3000', controllerKey: '1000', unitNumber: '1' };

describe('a template’s devices', () => {
  test('are read in device order, with the units that are not free', () => {
    const { nics, disks, usedUnits } = templateOf(
      scsi,
      nic(4001, 'VirtualVmxnet3'),
      disk(2001, 2),
      nic(4000, 'VirtualE1000e'),
      disk(2000, 0),
      cdrom,
    );
    expect(nics.map(({ key, type }) => [key, type])).toEqual([
      [4000, 'VirtualE1000e'],
      [4001, 'VirtualVmxnet3'],
    ]);
    expect(disks.map(({ key }) => key)).toEqual([2000, 2001]);
    expect(usedUnits.sort()).toEqual([0, 1, 2, 7]);
  });
});

describe('further disks', () => {
  test('take free units of the system disk’s controller, and its format', () => {
    const template = templateOf(scsi, disk(2000, 0), cdrom);
    const changes = diskChanges(template, { disks: Array.from({ length: 6 }, () => ({ size: 1 })) });
    expect(changes.map(({ device }) => device.unitNumber)).toEqual([2, 3, 4, 5, 6, 8]);
    expect(changes.every(({ device }) => device.backing.thinProvisioned)).toBe(true);
  });
  test('that do not fit on the controller are refused', () => {
    const template = templateOf(scsi, disk(2000, 0), cdrom);
    const disks = Array.from({ length: 13 }, () => ({ size: 1 }));
    expect(() => diskChanges(template, { disks })).toThrow(/no room for 13 further disks/);
  });
  test('of a template without a disk are refused', () => {
    expect(() => diskChanges(templateOf(scsi), { disks: [{ size: 1 }] })).toThrow(/has no disk/);
  });
});

test('disks are located only for a format or a policy, on their own datastore where none is chosen', () => {
  const template = templateOf(scsi, disk(2000, 0));
  expect(diskLocators(template, {}, {}, undefined)).toEqual([]);
  const [locator] = diskLocators(template, { provisioning: 'thick' }, {}, undefined);
  expect(locator.datastore).toEqual({ '@type': 'Datastore', '#text': 'datastore-1' });
  expect(locator.diskBackingInfo).toMatchObject({ thinProvisioned: false, eagerlyScrub: false });
  const [linked] = diskLocators(template, { linkedClone: true }, { storageProfile: 'p' }, undefined);
  expect(linked).toMatchObject({ diskMoveType: 'createNewChildDiskBacking', profile: { profileId: 'p' } });
});

describe('NICs', () => {
  const template = templateOf(nic(4000, 'VirtualVmxnet3'), nic(4001, 'VirtualE1000e'), nic(4002, 'VirtualVmxnet3'));
  const standard = (name: string) => ({ kind: 'standard' as const, id: name, name });
  const generated = { macAddress: 'generated' as const };
  const summary = (changes: Xml[]) =>
    changes.map(({ operation, device }) => `${operation} ${device.key} ${device['@xsi:type']}`);

  test('that are too many are removed', () => {
    expect(summary(nicChanges(template, [standard('a')], [generated]))).toEqual([
      'remove 4001 VirtualE1000e',
      'remove 4002 VirtualVmxnet3',
      'edit 4000 VirtualVmxnet3',
    ]);
  });
  test('that a node is told of have the MAC address that it is told, whoever would make it else', () => {
    const changes = nicChanges(template, [standard('a')], [{ ...generated, mac: '00:50:56:00:00:14' }]);
    expect(changes.at(-1)?.device).toMatchObject({ addressType: 'manual', macAddress: '00:50:56:00:00:14' });
    const [other] = nicChanges(templateOf(nic(4000, 'VirtualVmxnet3')), [standard('a')], [generated]);
    expect(other?.device).toMatchObject({ addressType: 'generated', macAddress: undefined });
  });
  test('are replaced from the first whose type changes on, to stay in order', () => {
    const networks = ['a', 'b', 'c'].map(standard);
    const wanted = [generated, { ...generated, type: 'vmxnet3' as const }, generated];
    expect(summary(nicChanges(template, networks, wanted))).toEqual([
      'remove 4001 VirtualE1000e',
      'remove 4002 VirtualVmxnet3',
      'edit 4000 VirtualVmxnet3',
      'add -2 VirtualVmxnet3',
      'add -3 VirtualVmxnet3',
    ]);
  });
  test('of a template without one are vmxnet3', () => {
    expect(summary(nicChanges(templateOf(), [standard('a')], [generated]))).toEqual(['add -1 VirtualVmxnet3']);
  });
});

describe('datastores', () => {
  const entity = (type: string, value: string): Entity => ({ ref: { type, value }, name: value, path: `/DC/${value}` });
  const mount = (host: string, more = {}) => ({
    key: host,
    mountInfo: { accessMode: 'readWrite', mounted: 'true', accessible: 'true', ...more },
  });
  const facts = (free: number, mounts: Xml[], more = {}) => ({
    summary: { freeSpace: String(free), accessible: 'true', maintenanceMode: 'normal', ...more },
    host: { DatastoreHostMount: mounts },
  });
  const both = [mount('h1'), mount('h2')];
  const place = (known: Record<string, Xml>, datastore: Entity) =>
    chooseDatastores(
      VCenter.connect({ url: 'https://127.0.0.1:1', user: '', password: '' }),
      [
        {
          wanted: { key: 'k', nodes: [1, 2] },
          folder: entity('Folder', 'f'),
          pool: entity('ResourcePool', 'p'),
          compute: entity('ClusterComputeResource', 'c'),
          hosts: [entity('HostSystem', 'h1'), entity('HostSystem', 'h2')],
          datastore,
          members: Object.keys(known).map((id) => entity('Datastore', id)),
          networks: [],
          switches: [],
        } satisfies Located,
      ],
      (id) => known[id] ?? {},
    );

  test('of a datastore cluster are only those that every host mounts and that are in use', async () => {
    const known = {
      unmounted: facts(9000, [mount('h1')]),
      readOnly: facts(9000, [mount('h1'), mount('h2', { accessMode: 'readOnly' })]),
      maintenance: facts(9000, both, { maintenanceMode: 'inMaintenance' }),
      inaccessible: facts(9000, both, { accessible: 'false' }),
      small: facts(10, both),
    };
    const [chosen] = await place(known, entity('StoragePod', 'pod'));
    expect(chosen?.spread).toEqual([{ datastore: { type: 'Datastore', value: 'small' }, nodes: [1, 2] }]);
    const { small, ...others } = known;
    await expect(place(others, entity('StoragePod', 'pod'))).rejects.toThrow(
      /datastore cluster \/DC\/pod has 4 datastores, and none .* every host of \/DC\/c \(inaccessible or in maintenance: \/DC\/maintenance, \/DC\/inaccessible\)/,
    );
  });
  test('that no host mounts are refused', async () => {
    const datastore = entity('Datastore', 'far');
    await expect(place({ far: facts(10, [mount('h9')]) }, datastore)).rejects.toThrow(
      /datastore \/DC\/far is mounted by no host of \/DC\/c/,
    );
    expect(await place({ far: facts(10, [mount('h2')]) }, datastore)).toEqual([{ datastore: datastore.ref }]);
  });
});

test('recommendations of storage DRS are read in their order', () => {
  const action = (id: string) =>
    `<recommendations><key>1</key><action xsi:type="StoragePlacementAction"><type>StoragePlacementV1</type><relocateSpec><datastore type="Datastore">${id}</datastore></relocateSpec><destination type="Datastore">${id}</destination></action><target type="StoragePod">group-p1</target></recommendations>`;
  const answer = (inside: string) =>
    readBody(
      `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><RecommendDatastoresResponse xmlns="urn:vim25"><returnval>${inside}</returnval></RecommendDatastoresResponse></soapenv:Body></soapenv:Envelope>`,
    ).RecommendDatastoresResponse.returnval;
  expect(readRecommendations(answer(action('datastore-2') + action('datastore-1')))).toEqual([
    'datastore-2',
    'datastore-1',
  ]);
  expect(readRecommendations(answer(''))).toEqual([]);
});
