import * as z from 'zod/mini';
import { type Entity, findOne, invalidSpec, KINDS, onlyOne } from '../../vsphere/index.ts';

const name = z.optional(z.string());

/** A placement as it is wanted. Objects are named by name, inventory path or managed object id. */
export const wantedPlacement = z.object({
  /** By which the answer is found; it means nothing here. */
  key: z.string(),
  datacenter: name,
  folder: name,
  /** A resource pool; or a cluster or host for its root pool. */
  resourcePool: name,
  /** A datastore, or a datastore cluster. Without one the template's own. */
  datastore: name,
  /** Without them the template's own NICs stay. */
  networks: z.optional(z.array(z.string())),
  template: name,
  /** Clone from a snapshot of the template: by name, or its current one. */
  snapshot: z.optional(z.union([z.string(), z.literal(true)])),
  storagePolicy: name,
  /** The nodes to spread over the members of a datastore cluster, by numbers that mean nothing here. */
  nodes: z.optional(z.array(z.int())),
  /** What a node has on its datastore beside the template's disks: its system disk as it is wanted, further disks, memory. */
  diskGiB: z.optional(z.int()),
  furtherGiB: z.optional(z.number()),
  linked: z.optional(z.boolean()),
});
export type WantedPlacement = z.infer<typeof wantedPlacement>;

/** The objects of a placement. */
export interface Located {
  wanted: WantedPlacement;
  folder: Entity;
  /** The pool that the VM is in, the cluster (or host by itself) that it belongs to, and the host where one was named. */
  pool: Entity;
  compute: Entity;
  host?: Entity;
  /** Every host that a VM of the pool may run on. */
  hosts: Entity[];
  datastore?: Entity;
  /** The datastores of a datastore cluster. */
  members: Entity[];
  networks: Entity[];
  /** The distributed switches, where there is a port group among the networks: which is whose is not known yet. */
  switches: Entity[];
  template?: Entity;
}

const SWITCHES = ['DistributedVirtualSwitch', 'VmwareDistributedVirtualSwitch'];
const COMPUTE = ['ComputeResource', 'ClusterComputeResource'];

/** Finds the objects of a placement. @throws NotFound, InvalidSpec */
export function locate(entities: readonly Entity[], wanted: WantedPlacement): Located {
  const datacenter = wanted.datacenter
    ? findOne(entities, KINDS.datacenter, wanted.datacenter)
    : onlyOne(entities, KINDS.datacenter);
  const find = (kind: (typeof KINDS)[keyof typeof KINDS], name: string) => findOne(entities, kind, name, datacenter);
  const networks = (wanted.networks ?? []).map((each) => find(KINDS.network, each));
  const distributed = networks.some(({ ref }) => ref.type === 'DistributedVirtualPortgroup');
  const datastore = wanted.datastore ? find(KINDS.datastore, wanted.datastore) : undefined;
  return {
    wanted,
    folder: find(KINDS.folder, wanted.folder ?? `${datacenter.path}/vm`),
    ...locateCompute(
      entities,
      wanted.resourcePool
        ? find(KINDS.resourcePool, wanted.resourcePool)
        : onlyOne(entities, { ...KINDS.resourcePool, types: COMPUTE }, datacenter),
    ),
    datastore,
    members: datastore?.ref.type === 'StoragePod' ? childrenOf(entities, datastore, 'Datastore') : [],
    networks,
    switches: distributed ? entities.filter(({ ref }) => SWITCHES.includes(ref.type)) : [],
    template: wanted.template ? find(KINDS.template, wanted.template) : undefined,
  };
}

const childrenOf = (entities: readonly Entity[], parent: Entity, type: string) =>
  entities.filter((each) => each.parent === parent && each.ref.type === type);

function locateCompute(
  entities: readonly Entity[],
  found: Entity,
): Pick<Located, 'pool' | 'compute' | 'host' | 'hosts'> {
  let compute: Entity | undefined = found;
  while (compute && !COMPUTE.includes(compute.ref.type)) compute = compute.parent;
  if (!compute) throw invalidSpec(`${found.path} belongs to no cluster and no host that this user can see`);
  const host = found.ref.type === 'HostSystem' ? found : undefined;
  const isPool = found.ref.type === 'ResourcePool' || found.ref.type === 'VirtualApp';
  const [root] = childrenOf(entities, compute, 'ResourcePool');
  const pool = isPool ? found : root;
  if (!pool) throw invalidSpec(`${compute.path} has no resource pool that this user can see`);
  return { pool, compute, host, hosts: host ? [host] : childrenOf(entities, compute, 'HostSystem') };
}
