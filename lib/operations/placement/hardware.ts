import * as z from 'zod/mini';
import type { Xml } from '../../vsphere/index.ts';

/** How a disk's space is taken: as it fills, at once, or at once with zeros written. */
export const provisioning = z.enum(['thin', 'thick', 'eagerZeroedThick']);
export type Provisioning = z.infer<typeof provisioning>;

/** A share of CPU (MHz) or memory (MiB). */
export const allocation = z.object({
  reservation: z.optional(z.int()),
  limit: z.optional(z.int()),
  shares: z.optional(z.union([z.enum(['low', 'normal', 'high']), z.int()])),
});

/** A NIC as it is wanted, on the network of the placement at the same position. */
export const nic = z.object({
  type: z.optional(z.enum(['vmxnet3', 'e1000e', 'e1000', 'sriov'])),
  macAddress: z.enum(['generated', 'assigned']),
});

/** What a node's VM is made of beyond CPUs and memory. What is left out stays as in the template. */
export const hardware = z.object({
  coresPerSocket: z.optional(z.int()),
  cpu: z.optional(allocation),
  memory: z.optional(allocation),
  /** Of the system disk, in GiB. */
  disk: z.optional(z.int()),
  /** Further disks. */
  disks: z.optional(z.array(z.object({ size: z.int(), provisioning: z.optional(provisioning) }))),
  provisioning: z.optional(provisioning),
  linkedClone: z.optional(z.boolean()),
  nics: z.optional(z.array(nic)),
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
