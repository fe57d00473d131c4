import * as z from 'zod/mini';
import { toXml, type Xml } from '../vsphere/index.ts';
import type { Placement } from './resolve-placement.ts';
import { ref } from './shapes.ts';

/** A node to clone: what its VM is, and what it is told. */
export const cloneNode = z.object({
  name: z.string(),
  instanceUuid: z.uuid(),
  template: ref,
  vcpu: z.int(),
  ramMiB: z.int(),
  marks: z.record(z.string(), z.string()),
  extraConfig: z.record(z.string(), z.string()),
  /** Its clone may have been asked for before: it is looked for first. */
  mayExist: z.boolean(),
});
export type CloneNode = z.infer<typeof cloneNode>;

/** VirtualMachineCloneSpec, in the order of the WSDL. */
export function cloneSpec(placement: Placement, { instanceUuid, vcpu, ramMiB, marks, extraConfig }: CloneNode): Xml {
  // The storage driver knows a disk by its UUID, which the guest sees only with this.
  const all = { 'disk.enableUUID': 'TRUE', ...marks, ...extraConfig };
  return {
    location: { pool: toXml(placement.resourcePool) },
    template: false,
    config: {
      instanceUuid,
      numCPUs: vcpu,
      numCoresPerSocket: vcpu,
      memoryMB: ramMiB,
      extraConfig: Object.entries(all).map(([key, value]) => ({
        '@xsi:type': 'OptionValue',
        key,
        value: { '@xsi:type': 'xsd:string', '#text': value },
      })),
    },
    powerOn: true,
  };
}
