import * as z from 'zod/mini';
import { readInventory, text } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

const input = z.object({
  uuidPrefix: z.string().check(z.minLength(13)),
  /** Folders of this name are told of as well. */
  folderName: z.optional(z.string()),
});

const output = z.object({
  /** Managed object ids. */
  folders: z.array(z.string()),
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
    const vms = found
      .filter(({ ref }) => ref.type === 'VirtualMachine')
      .map(({ ref, values }) => ({
        vm: ref.value,
        name: text(values.name),
        instanceUuid: text(values['config.instanceUuid']).toLowerCase(),
        power: POWER[text(values['runtime.powerState'])] ?? 'off',
      }))
      .filter(({ instanceUuid }) => instanceUuid.startsWith(uuidPrefix));
    return { vms, folders: folders.map(({ ref }) => ref.value) };
  },
};
