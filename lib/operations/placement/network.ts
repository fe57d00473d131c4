import * as z from 'zod/mini';
import { text, type Xml } from '../../vsphere/index.ts';

/** What a NIC is connected to. */
export const network = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('standard'), id: z.string(), name: z.string() }),
  z.object({ kind: z.literal('distributed'), portgroupKey: z.string(), switchUuid: z.string() }),
  z.object({ kind: z.literal('opaque'), id: z.string(), type: z.string() }),
]);
export type Network = z.infer<typeof network>;

/** The properties that backings are made of. A port group refers to its switch. */
export const NETWORK_PATHS = {
  DistributedVirtualPortgroup: ['key', 'config.distributedVirtualSwitch'],
  OpaqueNetwork: ['summary'],
  DistributedVirtualSwitch: ['uuid'],
  VmwareDistributedVirtualSwitch: ['uuid'],
};

/** The backing of a NIC (VirtualEthernetCard…BackingInfo). */
export function nicBacking(network: Network): Xml {
  switch (network.kind) {
    case 'standard':
      return {
        '@xsi:type': 'VirtualEthernetCardNetworkBackingInfo',
        deviceName: network.name,
        network: { '@type': 'Network', '#text': network.id },
      };
    case 'distributed':
      return {
        '@xsi:type': 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
        port: { switchUuid: network.switchUuid, portgroupKey: network.portgroupKey },
      };
    case 'opaque':
      return {
        '@xsi:type': 'VirtualEthernetCardOpaqueNetworkBackingInfo',
        opaqueNetworkId: network.id,
        opaqueNetworkType: network.type,
      };
  }
}

/** Reads what a NIC needs to know of a network. */
export function readNetwork(
  { ref, name }: { ref: { type: string; value: string }; name: string },
  facts: (id: string) => Record<string, Xml>,
): Network {
  const own = facts(ref.value);
  if (ref.type === 'DistributedVirtualPortgroup') {
    const { uuid } = facts(text(own['config.distributedVirtualSwitch']));
    return { kind: 'distributed', portgroupKey: text(own.key), switchUuid: text(uuid) };
  }
  if (ref.type === 'OpaqueNetwork') {
    return {
      kind: 'opaque',
      id: text(own.summary?.opaqueNetworkId),
      type: text(own.summary?.opaqueNetworkType),
    };
  }
  return { kind: 'standard', id: ref.value, name };
}
