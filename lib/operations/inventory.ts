import * as z from 'zod/mini';
import { readInventory, text } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

const input = z.object({ uuidPrefix: z.string().check(z.minLength(13)) });

const output = z.object({
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
  async run({ vcenter }, { uuidPrefix }) {
    const found = await readInventory(vcenter, {
      VirtualMachine: ['name', 'config.instanceUuid', 'runtime.powerState'],
    });
    const vms = found
      .map(({ ref, values }) => ({
        vm: ref.value,
        name: text(values.name),
        instanceUuid: text(values['config.instanceUuid']).toLowerCase(),
        power: POWER[text(values['runtime.powerState'])] ?? 'off',
      }))
      .filter(({ instanceUuid }) => instanceUuid.startsWith(uuidPrefix));
    return { vms };
  },
};
