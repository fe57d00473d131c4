import * as z from 'zod/mini';
import { toXml, type Xml } from '../vsphere/index.ts';
import { diskChanges, diskLocators } from './placement/disks.ts';
import { hardware, toAllocation, toProfile } from './placement/hardware.ts';
import { nicChanges } from './placement/nics.ts';
import type { Placement } from './placement/placement.ts';
import type { Template } from './placement/template.ts';
import { ref } from './shapes.ts';

/** A node to clone: what its VM is, and what it is told. */
export const cloneNode = z.object({
  name: z.string(),
  instanceUuid: z.uuid(),
  /** The key of its placement. */
  placement: z.string(),
  template: ref,
  /** Without one the template's own. */
  datastore: z.optional(ref),
  vcpu: z.int(),
  ramMiB: z.int(),
  hardware,
  marks: z.record(z.string(), z.string()),
  extraConfig: z.record(z.string(), z.string()),
  /** Its clone may have been asked for before: it is looked for first. */
  mayExist: z.boolean(),
});
export type CloneNode = z.infer<typeof cloneNode>;

/**
 * VirtualMachineCloneSpec, in the order of the WSDL.
 * @throws InvalidSpec where the template does not allow what is wanted
 */
export function cloneSpec(placement: Placement, node: CloneNode): Xml {
  const { instanceUuid, vcpu, ramMiB, hardware, marks, extraConfig, datastore } = node;
  const { resourcePool, host, networks, storageProfile } = placement;
  const template = placement.template as Template;
  // The storage driver knows a disk by its UUID, which the guest sees only with this.
  const all = { 'disk.enableUUID': 'TRUE', ...marks, ...extraConfig };
  return {
    location: {
      datastore: datastore && toXml(datastore),
      diskMoveType: hardware.linkedClone ? 'createNewChildDiskBacking' : undefined,
      pool: toXml(resourcePool),
      host: host && toXml(host),
      disk: diskLocators(template, hardware, placement, datastore),
      profile: toProfile(storageProfile),
    },
    template: false,
    config: {
      instanceUuid,
      annotation: hardware.annotation,
      numCPUs: vcpu,
      numCoresPerSocket: hardware.coresPerSocket ?? vcpu,
      memoryMB: ramMiB,
      deviceChange: [
        ...nicChanges(template, networks, hardware.nics ?? []),
        ...diskChanges(template, hardware, storageProfile),
      ],
      cpuAllocation: toAllocation(hardware.cpu),
      memoryAllocation: toAllocation(hardware.memory),
      extraConfig: Object.entries(all).map(([key, value]) => ({
        '@xsi:type': 'OptionValue',
        key,
        value: { '@xsi:type': 'xsd:string', '#text': value },
      })),
    },
    powerOn: true,
    snapshot: template.snapshot && toXml(template.snapshot),
  };
}
