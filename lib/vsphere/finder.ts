import { invalidSpec, notFound } from './errors.ts';
import { readInventory } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { type Ref, text, toRef } from './xml.ts';

/** An object of the inventory with its full path. */
export interface Entity {
  ref: Ref;
  name: string;
  path: string;
  parent?: Entity;
}

const TYPES = ['Datacenter', 'Folder', 'ComputeResource', 'ResourcePool', 'Datastore', 'StoragePod', 'VirtualMachine'];

/** Slashes in names are written %2f by vCenter. */
const decode = (name: string) => name.replaceAll(/%2f/gi, '/').replaceAll('%25', '%');

/** Reads the inventory's objects that placements are made of, with their paths, in three requests. */
export async function readEntities(vcenter: VCenter): Promise<Entity[]> {
  const { rootFolder } = await vcenter.content();
  const objects = await readInventory(vcenter, Object.fromEntries(TYPES.map((type) => [type, ['name', 'parent']])));
  const byId = new Map(objects.map((object) => [object.ref.value, object]));
  const entities = new Map<string, Entity>();
  const entity = (id: string): Entity | undefined => {
    const object = byId.get(id);
    if (!object || id === rootFolder.value) return undefined;
    const known = entities.get(id);
    if (known) return known;
    const parent = object.values.parent && entity(toRef(object.values.parent).value);
    const name = decode(text(object.values.name));
    const made: Entity = { ref: object.ref, name, path: `${parent?.path ?? ''}/${name}`, parent };
    entities.set(id, made);
    return made;
  };
  return objects.map(({ ref }) => entity(ref.value)).filter((each) => each !== undefined);
}

/**
 * Finds one object by name or by full inventory path.
 * @param what names the kind in errors, e.g. "resource pool"
 * @param within only below this object
 * @throws NotFound; InvalidSpec where several have the name, with their paths
 */
export function findOne(
  entities: readonly Entity[],
  what: string,
  types: readonly string[],
  name: string,
  within?: Entity,
): Entity {
  if (/[*?]/.test(name))
    throw invalidSpec(`${what} '${name}': wildcards are not allowed; write the name or the full path`);
  const candidates = entities.filter(
    (each) => types.includes(each.ref.type) && (!within || each.path.startsWith(`${within.path}/`)),
  );
  const found = candidates.filter((each) => (name.startsWith('/') ? each.path === name : each.name === name));
  const [first, second] = found;
  const where = within ? ` in ${within.path}` : '';
  if (!first) {
    const known = candidates.slice(0, 10).map(({ path }) => path);
    throw notFound(
      `${what} '${name}' is not found${where}. There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ') || 'none that this user can see'}.`,
    );
  }
  if (second) {
    throw invalidSpec(
      `${what} '${name}' is ambiguous${where}: ${found.map(({ path }) => path).join(' and ')}. Write the full path, e.g. "${first.path}".`,
    );
  }
  return first;
}
