import * as z from 'zod/mini';
import { eachLimited } from '../each-limited.ts';
import { invalidSpec, VSphereError } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

/** Requests under way at once. */
const AT_ONCE = 8;

const input = z.object({
  /** Managed object ids. */
  vms: z.array(z.string()),
  attributes: z.record(z.string(), z.string()),
});
const output = z.object({ set: z.int() });

/**
 * Sets custom attributes of VMs. A clone's configuration has no place for them, so each costs a request a VM (setCustomValue, which
 * unlike SetField goes by the attribute's name): only for those who ask. VMs that are gone are left out. May run twice.
 */
export const setCustomAttributes: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'set-custom-attributes',
  input,
  output,
  errors: [...VCENTER_ERRORS, 'InvalidSpec'],
  async run({ vcenter }, { vms, attributes }) {
    const all = vms.flatMap((value) => Object.entries(attributes).map((attribute) => ({ value, attribute })));
    const done = await eachLimited(all, AT_ONCE, async ({ value, attribute: [key, text] }) => {
      try {
        // The WSDL writes this method's name with a small letter.
        await vcenter.call('setCustomValue', { type: 'VirtualMachine', value }, { key, value: text });
        return true;
      } catch (error) {
        if (!(error instanceof VSphereError)) throw error;
        if (error.name === 'NotFound') return false;
        if (error.fault !== 'InvalidArgument') throw error;
        throw invalidSpec(
          `custom attribute '${key}' is not defined in this vCenter: define it (govc fields.add ${key})`,
        );
      }
    });
    return { set: done.filter(Boolean).length };
  },
};
