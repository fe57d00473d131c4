import * as z from 'zod/mini';

/** An object of vCenter: by name, by inventory path or by managed object id. */
const name = z.optional(z.string().check(z.minLength(1)));

/** Without a type a NIC has the template's. */
export const nicType = z.enum(['vmxnet3', 'e1000e', 'e1000', 'sriov']);
/** Who makes a NIC's MAC address: nodes are many, so that it is never a fixed one. */
export const macAddress = z.enum(
  ['generated', 'assigned'],
  "'generated' by the host or 'assigned' by vCenter, never a fixed address",
);

/** A NIC of each node, and the network that it is on. */
const network = z.strictObject({
  name: z.string().check(z.minLength(1)),
  type: z.optional(nicType),
  macAddress: z._default(macAddress, 'generated'),
});
export type Network = z.infer<typeof network>;

/** Most NICs that a VM can have. */
const MAX_NICS = 10;

/** Where nodes are made: the same fields at a connection (its defaults), a cluster and a pool. The narrower one wins. */
export const placementFields = {
  datacenter: name,
  folder: name,
  /** A resource pool; or a cluster or host for its root pool. */
  resourcePool: name,
  /** A datastore, or a datastore cluster. */
  datastore: name,
  /** NICs in device order, each by its network's name or as an object; `network` is one. Without either the template's stay. */
  networks: z.optional(
    z.array(z.union([z.string().check(z.minLength(1)), network])).check(z.minLength(1), z.maxLength(MAX_NICS)),
  ),
  network: name,
  /** A storage policy, by name. */
  storagePolicy: name,
};

/** A check of `network` and `networks` together. */
export const oneOfNetworks = <T extends { network?: string; networks?: unknown }>() =>
  z.refine<T>(({ network, networks }) => !network || !networks, {
    path: ['network'],
    error: 'network or networks, not both',
  });

/** The NICs that are asked for, or undefined where the template's stay. */
export function networksOf({
  network,
  networks,
}: {
  network?: string;
  networks?: (string | Network)[];
}): Network[] | undefined {
  const all = network ? [network] : networks;
  return all?.map((each) => (typeof each === 'string' ? { name: each, macAddress: 'generated' } : each));
}
