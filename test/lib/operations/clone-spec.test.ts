import { expect, test } from 'vitest';
import { type CloneNode, cloneSpec } from '../../../lib/operations/clone-spec.ts';
import type { Placement } from '../../../lib/operations/placement/placement.ts';

const ref = (type: string, value: string) => ({ type, value });

test('the guest sees its disks’ UUIDs, by which the storage driver knows them, whatever else is in the extraConfig', () => {
  const placement = {
    ...{ resourcePool: ref('ResourcePool', 'resgroup-1'), folder: ref('Folder', 'group-1'), networks: [] },
    ...{ compute: ref('ComputeResource', 'domain-1') },
    template: { ref: ref('VirtualMachine', 'vm-1'), name: 't', nics: [], disks: [], usedUnits: [] },
  } as unknown as Placement;
  const node = {
    ...{ name: 'demo-workers-01', instanceUuid: '00000000-0000-8000-8000-000000000001', placement: 'workers' },
    ...{ template: ref('VirtualMachine', 'vm-1'), vcpu: 2, ramMiB: 2048, hardware: {}, mayExist: false },
    ...{ marks: { mark: 'ours' }, extraConfig: { 'guestinfo.userdata': 'x' } },
  } as CloneNode;
  const { config } = cloneSpec(placement, node) as { config: { extraConfig: { key: string; value: object }[] } };
  expect(config.extraConfig.map(({ key }) => key)).toEqual(['disk.enableUUID', 'mark', 'guestinfo.userdata']);
  expect(config.extraConfig[0]?.value).toMatchObject({ '#text': 'TRUE' });
});
