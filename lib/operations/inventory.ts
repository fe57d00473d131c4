import * as z from 'zod/mini';
import { type Properties, readInventory, text } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

const input = z.object({
  uuidPrefix: z.string().check(z.minLength(13)),
  /** Folders of this name are told of as well. */
  folderName: z.optional(z.string()),
});

const output = z.object({
  /** Managed object ids of folders, and of VMs whose configuration can not be read. */
  folders: z.array(z.string()),
  unreadable: z.array(z.string()),
  vms: z.array(
    z.object({ vm: z.string(), name: z.string(), instanceUuid: z.string(), power: z.enum(['on', 'off', 'suspended']) }),
  ),
});

const POWER: Record<string, 'on' | 'off' | 'suspended'> = {
  poweredOn: 'on',
  poweredOff: 'off',
  suspended: 'suspended',
};

/** Reads three properties of each VM through one container view, and returns those whose instance UUID begins as asked. */
export const inventory: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'inventory',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { uuidPrefix, folderName }) {
    const found = await readInventory(vcenter, {
      VirtualMachine: ['name', 'config.instanceUuid', 'runtime.powerState'],
      ...(folderName && { Folder: ['name'] }),
    });
    const folders = found.filter(({ ref, values }) => ref.type === 'Folder' && text(values.name) === folderName);
    const machines = found.filter(({ ref }) => ref.type === 'VirtualMachine');
    const unreadable = machines.filter(({ values }) => !text(values['config.instanceUuid']));
    const vms = machines
      .map(({ ref, values }) => ({
        vm: ref.value,
        name: text(values.name),
        instanceUuid: text(values['config.instanceUuid']).toLowerCase(),
        power: POWER[text(values['runtime.powerState'])] ?? 'off',
      }))
      .filter(({ instanceUuid }) => instanceUuid.startsWith(uuidPrefix));
    const ids = (some: Properties[]) => some.map(({ ref }) => ref.value);
    return { vms, folders: ids(folders), unreadable: ids(unreadable) };
  },
};
