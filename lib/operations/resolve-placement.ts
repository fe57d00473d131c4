import * as z from 'zod/mini';
import { type Entity, findOne, invalidSpec, readEntities } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { ref } from './shapes.ts';

const input = z.object({
  datacenter: z.optional(z.string()),
  folder: z.optional(z.string()),
  /** A resource pool, or a cluster or host for its root pool. */
  resourcePool: z.optional(z.string()),
  /** A datastore, or a datastore cluster. */
  datastore: z.optional(z.string()),
  templates: z.array(z.string()).check(z.minLength(1)),
});

const output = z.object({
  folder: ref,
  resourcePool: ref,
  /** A Datastore, or a StoragePod for storage DRS to choose from; without one the template's own. */
  datastore: z.optional(ref),
  /** Templates by the names that were asked for. */
  templates: z.record(z.string(), ref),
});
export type Placement = z.infer<typeof output>;

/** Resolves the names of a placement, by name or by full inventory path, to references. */
export const resolvePlacement: VCenterOperation<z.infer<typeof input>, Placement> = {
  name: 'resolve-placement',
  input,
  output,
  errors: [...VCENTER_ERRORS, 'NotFound', 'InvalidSpec'],
  async run({ vcenter }, wanted) {
    const entities = await readEntities(vcenter);
    const datacenter = wanted.datacenter
      ? findOne(entities, 'datacenter', ['Datacenter'], wanted.datacenter)
      : only(entities, 'datacenter', ['Datacenter']);
    const folder = wanted.folder
      ? findOne(entities, 'folder', ['Folder'], wanted.folder, datacenter)
      : findOne(entities, 'folder', ['Folder'], `${datacenter.path}/vm`);
    const { datastore } = wanted;
    return {
      folder: folder.ref,
      resourcePool: findPool(entities, wanted.resourcePool, datacenter),
      datastore: datastore
        ? findOne(entities, 'datastore', ['Datastore', 'StoragePod'], datastore, datacenter).ref
        : undefined,
      templates: Object.fromEntries(
        wanted.templates.map((name) => [name, findOne(entities, 'template', ['VirtualMachine'], name, datacenter).ref]),
      ),
    };
  },
};

const COMPUTE = ['ComputeResource', 'ClusterComputeResource'];

function findPool(entities: Entity[], name: string | undefined, datacenter: Entity) {
  const found = name
    ? findOne(entities, 'resource pool', ['ResourcePool', ...COMPUTE], name, datacenter)
    : only(entities, 'resource pool', COMPUTE, datacenter);
  if (found.ref.type === 'ResourcePool') return found.ref;
  // The root pool of a cluster or of a host by itself.
  return findOne(entities, 'resource pool', ['ResourcePool'], `${found.path}/Resources`).ref;
}

/** The one object of its kind, where none was named. */
function only(entities: Entity[], what: string, types: string[], within?: Entity): Entity {
  const found = entities.filter(
    (each) => types.includes(each.ref.type) && (!within || each.path.startsWith(`${within.path}/`)),
  );
  const [first, second] = found;
  if (!first || second) {
    throw invalidSpec(
      `name a ${what}: there are ${found.length}: ${
        found
          .slice(0, 10)
          .map(({ path }) => path)
          .join(', ') || 'none'
      }`,
    );
  }
  return first;
}
