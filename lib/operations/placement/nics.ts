import { invalidSpec, type Xml } from '../../vsphere/index.ts';
import type { Hardware } from './hardware.ts';
import { nicBacking } from './network.ts';
import type { Placement } from './placement.ts';
import { NIC_TYPES, type Template } from './template.ts';

type Nic = NonNullable<Hardware['nics']>[number];
type TemplateNic = Template['nics'][number];

/**
 * The changes (VirtualDeviceConfigSpec) that make a template's NICs those that are wanted, in device order: NICs keep their
 * places while their types stay; from the first whose type changes on they are removed and added again, so that the guest sees them
 * in the order in which they are written.
 */
export function nicChanges(
  template: Pick<Template, 'nics' | 'name'>,
  networks: Placement['networks'],
  nics: readonly Nic[],
): Xml[] {
  if (networks.length !== nics.length) {
    throw invalidSpec(`${nics.length} NICs of ${template.name}'s clone for ${networks.length} networks`);
  }
  if (networks.length === 0) return [];
  const wanted = networks.map((network, index) => {
    const { type, macAddress, mac } = nics[index] as Nic;
    const before = template.nics[index]?.type ?? template.nics[0]?.type;
    // Old kinds that nobody can ask for, such as PCNet32, stay.
    const apiName = type ? NIC_TYPES[type] : (before ?? NIC_TYPES.vmxnet3);
    return { apiName, addressType: mac ? 'manual' : macAddress, macAddress: mac, backing: nicBacking(network) };
  });
  const changed = wanted.findIndex(({ apiName }, index) => template.nics[index]?.type !== apiName);
  const kept = changed < 0 ? wanted.length : changed;
  return [
    ...template.nics.slice(kept).map(({ key, type }) => ({
      operation: 'remove',
      device: { '@xsi:type': type, key },
    })),
    ...wanted.map(({ apiName, addressType, macAddress, backing }, index) => {
      const old = index < kept ? (template.nics[index] as TemplateNic) : undefined;
      return {
        operation: old ? 'edit' : 'add',
        device: {
          '@xsi:type': apiName,
          // New devices have negative keys until vCenter gives them theirs.
          key: old?.key ?? -(index + 1),
          backing,
          connectable: { startConnected: true, allowGuestControl: true, connected: true },
          controllerKey: old?.controllerKey,
          unitNumber: old?.unitNumber,
          addressType,
          macAddress,
        },
      };
    }),
  ];
}
