import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CloneNode, cloneSpec } from '../../../lib/operations/clone-spec.ts';
import { datastoreUrl } from '../../../lib/operations/datastore-url.ts';
import { type Placement, resolvePlacement } from '../../../lib/operations/resolve-placement.ts';
import { setCustomAttributes } from '../../../lib/operations/set-custom-attributes.ts';
import { type Ref, readFacts, text, toXml, type Xml } from '../../../lib/vsphere/index.ts';
import { configOf, devicesOf, type OwnVcsim, ownVcsim } from './vcsim.ts';

let vcsim: OwnVcsim;
beforeAll(async () => {
  vcsim = await ownVcsim(
    '-datacenters 2 -clusters 2 -pools 1 -hosts 1 -datastores 4 -pods 2 -portgroups 2 -opaque-networks 1'.split(' '),
  );
  const { find, run } = vcsim;
  for (const [pod, name] of [
    ['DC0_POD0', 'LocalDS_1'],
    ['DC0_POD0', 'LocalDS_2'],
  ]) {
    const list = toXml((await find(`/DC0/datastore/${name}`)).ref);
    await run('MoveIntoFolder_Task', (await find(`/DC0/datastore/${pod}`)).ref, { list });
  }
  await setStorageDrs(false);
  const template = (await find('/DC0/vm/ubuntu-24.04')).ref;
  for (const name of ['base', 'newest']) {
    await run('CreateSnapshot_Task', template, { name, memory: false, quiesce: false });
  }
}, 120_000);
afterAll(() => vcsim.stop());

const MANAGER = { type: 'StorageResourceManager', value: 'StorageResourceManager' };
async function setStorageDrs(enabled: boolean): Promise<void> {
  const pod = toXml((await vcsim.find('/DC0/datastore/DC0_POD0')).ref);
  await vcsim.run('ConfigureStorageDrsForPod_Task', MANAGER, {
    pod,
    spec: { podConfigSpec: { enabled } },
    modify: true,
  });
}

type Wanted = Parameters<typeof resolvePlacement.run>[1]['placements'][number];

const common = { datacenter: 'DC0', resourcePool: 'DC0_C0', template: 'ubuntu-24.04' };
async function resolve(wanted: Omit<Wanted, 'key'>): Promise<Placement> {
  const input = resolvePlacement.input.parse({ placements: [{ key: 'any', ...common, ...wanted }] });
  const { placements } = resolvePlacement.output.parse(await resolvePlacement.run(vcsim, input));
  return placements.any as Placement;
}
const refOf = async (path: string) => (await vcsim.find(path)).ref;

let serial = 0;
function nodeOf(placement: Placement, more: Partial<CloneNode> = {}): CloneNode {
  serial++;
  return {
    name: `node-${serial}`,
    instanceUuid: `00000000-0000-8000-8000-${String(serial).padStart(12, '0')}`,
    placement: 'any',
    template: placement.template?.ref as Ref,
    datastore: placement.datastore,
    vcpu: 4,
    ramMiB: 2048,
    marks: { 'slipway.node': 'yes' },
    extraConfig: {},
    mayExist: false,
    hardware: {},
    ...more,
  };
}
async function clone(placement: Placement, more: Partial<CloneNode> = {}) {
  const node = nodeOf(placement, more);
  const spec = cloneSpec(placement, node);
  const vm: Ref = {
    type: 'VirtualMachine',
    value: text(
      await vcsim.run('CloneVM_Task', node.template, { folder: toXml(placement.folder), name: node.name, spec }),
    ),
  };
  return { vm, spec, ...(await configOf(vcsim.vcenter, vm)) };
}

describe('where', () => {
  test.each([
    ['a cluster for its root pool', 'DC0_C1', '/DC0/host/DC0_C1/Resources', undefined],
    [
      'a pool by a path from the host folder',
      'DC0_C1/Resources/DC0_C1_RP1',
      '/DC0/host/DC0_C1/Resources/DC0_C1_RP1',
      undefined,
    ],
    ['a host by itself', 'DC0_H0', '/DC0/host/DC0_H0/Resources', undefined],
    ['a host of a cluster', 'DC0_C0_H1', '/DC0/host/DC0_C0/Resources', '/DC0/host/DC0_C0/DC0_C0_H1'],
  ])('%s', async (_, resourcePool, pool, host) => {
    const placement = await resolve({ resourcePool });
    expect(placement.resourcePool).toEqual(await refOf(pool));
    expect(placement.host).toEqual(host && (await refOf(host)));
    const made = await clone(placement);
    expect(made.pool).toBe(placement.resourcePool.value);
    if (host) {
      const [facts] = await readFacts(vcsim.vcenter, [made.vm], { VirtualMachine: ['runtime.host'] });
      expect(text(facts?.values['runtime.host'])).toBe(placement.host?.value);
    }
  });

  test('objects of another datacenter are not found, and an id works as a name does', async () => {
    await expect(resolve({ datacenter: 'DC1' })).rejects.toThrow(/'DC0_C0' is not found in \/DC1\. There are: /);
    const { ref } = await vcsim.find('/DC0/datastore/LocalDS_0');
    for (const datastore of [`Datastore:${ref.value}`, ref.value, '/DC0/datastore/LocalDS_0', 'LocalDS_0']) {
      expect((await resolve({ datastore })).datastore).toEqual(ref);
    }
  });

  test('a wave costs as many requests as it has pages, however many pools it has', async () => {
    await vcsim.counts();
    const placements = Array.from({ length: 20 }, (_, index) => ({
      ...common,
      key: `pool-${index}`,
      datastore: 'DC0_POD0',
      networks: ['VM Network', 'DC0_DVPG1', 'DC0_NSX0'],
      nodes: [index],
    }));
    const answer = await resolvePlacement.run(vcsim, { placements });
    expect(await vcsim.counts()).toEqual({ CreateContainerView: 1, RetrievePropertiesEx: 2, DestroyView: 1 });
    expect(Object.keys(answer.placements)).toHaveLength(20);
    // It travels in a workflow's state of 256 KiB.
    expect(JSON.stringify(answer).length / 20).toBeLessThan(1500);
  });
});

describe('datastores', () => {
  test('are told by their URL; a datastore cluster has none', async () => {
    const urlOf = async (datastore: string, datacenter?: string) =>
      (await datastoreUrl.run({ vcenter: vcsim.vcenter }, { datastore, datacenter })).url;
    const url = await urlOf('LocalDS_0', 'DC0');
    expect(url).toMatch(/./);
    expect(await urlOf('/DC0/datastore/LocalDS_0')).toBe(url);
    expect(await urlOf('LocalDS_3', 'DC0')).not.toBe(url);
    expect(await urlOf('DC0_POD0', 'DC0')).toBeUndefined();
    await expect(urlOf('nowhere', 'DC0')).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('of a cluster without storage DRS take the nodes of a wave in turns', async () => {
    const nodes = Array.from({ length: 10 }, (_, index) => index);
    const { spread, datastore } = await resolve({ datastore: 'DC0_POD0', nodes, furtherGiB: 2 });
    const members = [
      await refOf('/DC0/datastore/DC0_POD0/LocalDS_1'),
      await refOf('/DC0/datastore/DC0_POD0/LocalDS_2'),
    ];
    expect(spread?.map((each) => each.datastore.value).sort()).toEqual(members.map(({ value }) => value).sort());
    expect(spread?.flatMap((each) => each.nodes).sort()).toEqual(nodes);
    expect(spread?.map((each) => each.nodes.length)).toEqual([5, 5]);
    expect((await clone(await resolve({ datastore: 'DC0_POD0' }), { datastore })).datastores).toEqual([
      datastore?.value,
    ]);
  });

  test('of a cluster with storage DRS: it is asked once a wave', async () => {
    await setStorageDrs(true);
    await vcsim.counts();
    const placements = ['a', 'b'].map((key) => ({ ...common, key, datastore: 'DC0_POD0', nodes: [1, 2, 3] }));
    const answer = await resolvePlacement.run(vcsim, { placements });
    expect((await vcsim.counts()).RecommendDatastores).toBe(1);
    const all = Object.values(answer.placements).flatMap(({ spread = [] }) => spread);
    const put = Map.groupBy(all, ({ datastore }) => datastore.value);
    expect([...put.values()].map((some) => some.flatMap(({ nodes }) => nodes).length)).toEqual([3, 3]);
    await setStorageDrs(false);
  });

  test('a datastore cluster without datastores is refused', async () => {
    await expect(resolve({ datastore: 'DC0_POD1' })).rejects.toMatchObject({
      name: 'OutOfResources',
      message: expect.stringMatching(/datastore cluster \/DC0\/datastore\/DC0_POD1 has 0 datastores/),
    });
  });
});

describe('NICs', () => {
  const NIC = /VirtualE1000|VirtualVmxnet3/;

  test('are the template’s where no network is wanted', async () => {
    const { config } = await clone(await resolve({}));
    const nics = devicesOf(config, NIC);
    expect(nics.map((nic) => [nic['@type'], nic.backing['@type']])).toEqual([
      ['VirtualE1000', 'VirtualEthernetCardDistributedVirtualPortBackingInfo'],
    ]);
  });

  test('are on networks of each kind, in order, and keep their places while their type stays', async () => {
    const placement = await resolve({ networks: ['VM Network', 'DC0_DVPG1', 'DC0_NSX0'] });
    const { config } = await clone(placement, {
      hardware: {
        nics: [
          { macAddress: 'generated' },
          { type: 'vmxnet3', macAddress: 'assigned' },
          { type: 'vmxnet3', macAddress: 'generated' },
        ],
      },
    });
    const nics = devicesOf(config, NIC);
    const portgroup = await refOf('/DC0/network/DC0_DVPG1');
    expect(nics.map((nic) => nic['@type'])).toEqual(['VirtualE1000', 'VirtualVmxnet3', 'VirtualVmxnet3']);
    expect(text(nics[0].key)).toBe(String(placement.template?.nics[0]?.key));
    expect(text(nics[0].backing.deviceName)).toBe('VM Network');
    expect(text(nics[1].backing.port.portgroupKey)).toBe(portgroup.value);
    expect(nics.map((nic) => text(nic.addressType))).toEqual(['generated', 'assigned', 'generated']);
    // vcsim makes the port group of an opaque network out of it, as NSX does.
    expect(nics[2].backing['@type']).toBe('VirtualEthernetCardDistributedVirtualPortBackingInfo');
    expect(new Set(nics.map((nic) => text(nic.macAddress))).size).toBe(3);
  });

  test('are replaced where their type changes', async () => {
    const placement = await resolve({ networks: ['DC0_DVPG0'] });
    const { config } = await clone(placement, { hardware: { nics: [{ type: 'vmxnet3', macAddress: 'generated' }] } });
    expect(devicesOf(config, NIC).map((nic) => nic['@type'])).toEqual(['VirtualVmxnet3']);
  });

  test('can not be on a network that no host of the cluster has', async () => {
    const { ref } = await vcsim.find('/DC1/network/DC1_DVPG0');
    await expect(resolve({ networks: [ref.value] })).rejects.toThrow(/network 'dvportgroup-\d+' is not found in \/DC0/);
  });
});

describe('disks', () => {
  const GIB = 1024 ** 2;

  test('grow, and further ones are added', async () => {
    const placement = await resolve({ datastore: 'LocalDS_3', diskGiB: 40 });
    const { config, datastores } = await clone(placement, {
      hardware: {
        disk: 40,
        disks: [{ size: 5 }, { size: 7, provisioning: 'eagerZeroedThick' }],
        provisioning: 'thin',
      },
    });
    const disks = devicesOf(config, /^VirtualDisk$/);
    const sizes = disks.map((disk) => Number(text(disk.capacityInKB)) / GIB);
    expect(sizes).toEqual([40, 5, 7]);
    expect(disks.slice(1).map(({ backing }) => [text(backing.thinProvisioned), text(backing.eagerlyScrub)])).toEqual([
      ['true', 'false'],
      ['false', 'true'],
    ]);
    expect(new Set(disks.map((disk) => text(disk.unitNumber))).size).toBe(3);
    expect(new Set(disks.map((disk) => text(disk.backing.fileName))).size).toBe(3);
    expect(datastores).toEqual([(await refOf('/DC0/datastore/LocalDS_3')).value]);
  });

  test('the template keeps its own when a grown clone is destroyed', async () => {
    const placement = await resolve({});
    for (let i = 0; i < 2; i++) {
      const { vm, config } = await clone(placement, { hardware: { disk: 20 } });
      expect(Number(text(devicesOf(config, /^VirtualDisk$/)[0].capacityInKB))).toBe(20 * GIB);
      await vcsim.run('PowerOffVM_Task', vm, {});
      await vcsim.run('Destroy_Task', vm, {});
    }
  });

  test('do not shrink: the error has both sizes', async () => {
    await expect(resolve({ diskGiB: 5 })).rejects.toThrow(
      /disk: 5 GiB is less than the 10 GiB of template \/DC0\/vm\/ubuntu-24\.04, and a disk can only grow/,
    );
  });
});

describe('the rest of the hardware', () => {
  test('is understood by vCenter', async () => {
    const { vm, spec } = await clone(await resolve({}), {
      hardware: {
        coresPerSocket: 2,
        cpu: { reservation: 1000, limit: 3000, shares: 'high' },
        memory: { reservation: 512, shares: 4321 },
        annotation: 'made by "Slipway" & co',
      },
    });
    // vcsim's clone takes CPUs, memory, UUIDs and extraConfig alone of the configuration: what it leaves is applied by itself.
    const { instanceUuid, deviceChange, extraConfig, ...config } = spec.config;
    await vcsim.run('ReconfigVM_Task', vm, { spec: config });
    const read = (await configOf(vcsim.vcenter, vm)).config;
    expect([text(read.hardware.numCPU), text(read.hardware.numCoresPerSocket), text(read.hardware.memoryMB)]).toEqual([
      '4',
      '2',
      '2048',
    ]);
    expect(text(read.annotation)).toBe('made by "Slipway" & co');
    const allocation = ({ reservation, limit, shares }: Xml) => ({
      reservation: text(reservation),
      limit: text(limit),
      level: text(shares.level),
      shares: text(shares.shares),
    });
    expect(allocation(read.cpuAllocation)).toMatchObject({ reservation: '1000', limit: '3000', level: 'high' });
    expect(allocation(read.memoryAllocation)).toMatchObject({ reservation: '512', level: 'custom', shares: '4321' });
  });

  test('a linked clone is of the current snapshot, or of the one that is named', async () => {
    const current = await resolve({ snapshot: true, linked: true });
    const base = await resolve({ snapshot: 'base', linked: true });
    expect(current.template?.snapshot?.type).toBe('VirtualMachineSnapshot');
    expect(base.template?.snapshot).not.toEqual(current.template?.snapshot);
    await expect(resolve({ snapshot: 'older' })).rejects.toThrow(/has no snapshot 'older'\. There are: base, newest\./);
    await expect(resolve({ datacenter: 'DC1', resourcePool: 'DC1_C0', snapshot: true })).rejects.toThrow(
      /template \/DC1\/vm\/ubuntu-24\.04 has no snapshot/,
    );
    const { spec, vm } = await clone(base, { hardware: { linkedClone: true } });
    expect(spec.location.diskMoveType).toBe('createNewChildDiskBacking');
    expect(spec.snapshot).toEqual(toXml(base.template?.snapshot as Ref));
    expect(vm.value).toMatch(/^vm-/);
  });

  test('a storage policy is found by name in three requests, and goes to the home directory and to each disk', async () => {
    await vcsim.counts();
    const placement = await resolve({ storagePolicy: 'VM Encryption Policy' });
    expect(await vcsim.counts()).toMatchObject({
      PbmRetrieveServiceContent: 1,
      PbmQueryProfile: 1,
      PbmRetrieveContent: 1,
    });
    const { spec } = await clone(placement, { hardware: { disks: [{ size: 1 }] } });
    const profile = { '@xsi:type': 'VirtualMachineDefinedProfileSpec', profileId: placement.storageProfile };
    expect(placement.storageProfile).toMatch(/^[0-9a-f-]{36}$/);
    expect(spec.location.profile).toEqual(profile);
    expect(spec.location.disk.map((disk: { profile: object }) => disk.profile)).toEqual([profile]);
    expect(spec.config.deviceChange.map((change: { profile: object }) => change.profile)).toEqual([profile]);
    await expect(resolve({ storagePolicy: 'gold' })).rejects.toThrow(
      /storage policy 'gold' is not found\. There are: /,
    );
  });
});

test('custom attributes are set by name, and one that is not defined is refused', async () => {
  const { vm } = await clone(await resolve({}));
  const set = (attributes: Record<string, string>) =>
    setCustomAttributes.run(vcsim, { vms: [vm.value, 'vm-none'], attributes });
  await expect(set({ owner: 'me' })).rejects.toThrow(/custom attribute 'owner' is not defined/);
  const manager = { type: 'CustomFieldsManager', value: 'CustomFieldsManager' };
  await vcsim.vcenter.call('AddCustomFieldDef', manager, { name: 'owner', moType: 'VirtualMachine' });
  expect(await set({ owner: 'me' })).toEqual({ set: 1 });
  const [read] = await readFacts(vcsim.vcenter, [vm], { VirtualMachine: ['customValue'] });
  expect(text(read?.values.customValue.CustomFieldValue.value)).toBe('me');
});
