import * as z from 'zod/mini';
import { allocation, furtherDisk, provisioning } from '../../cluster/hardware.ts';
import { macAddress, nicType } from '../../cluster/placement.ts';
import type { Xml } from '../../vsphere/index.ts';

export type Provisioning = z.infer<typeof provisioning>;

/** What a node's VM is made of beyond CPUs and memory. What is left out stays as in the template. */
export const hardware = z.object({
  coresPerSocket: z.optional(z.int()),
  cpu: z.optional(allocation),
  memory: z.optional(allocation),
  /** Of the system disk, in GiB. */
  disk: z.optional(z.int()),
  /** Further disks. */
  disks: z.optional(z.array(furtherDisk)),
  provisioning: z.optional(provisioning),
  linkedClone: z.optional(z.boolean()),
  /** Each on the network of the placement at its position. */
  nics: z.optional(
    z.array(
      z.object({
        type: z.optional(nicType),
        macAddress,
        /** A MAC address that the node alone has, where its network wants to know it before. */
        mac: z.optional(z.string()),
      }),
    ),
  ),
  annotation: z.optional(z.string()),
});
export type Hardware = z.infer<typeof hardware>;

/** ResourceAllocationInfo; the number of shares counts only at the level custom. */
export function toAllocation(wanted: z.infer<typeof allocation> | undefined): Xml {
  if (!wanted) return undefined;
  const { reservation, limit, shares } = wanted;
  return {
    reservation,
    limit,
    shares:
      shares === undefined
        ? undefined
        : typeof shares === 'number'
          ? { shares, level: 'custom' }
          : { shares: 0, level: shares },
  };
}

/** A storage policy as specifications have it (VirtualMachineDefinedProfileSpec). */
export const toProfile = (profileId: string | undefined): Xml =>
  profileId && { '@xsi:type': 'VirtualMachineDefinedProfileSpec', profileId };
