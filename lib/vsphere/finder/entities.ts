import { readInventory } from '../properties.ts';
import type { VCenter } from '../vcenter.ts';
import { type Ref, text, toRef } from '../xml.ts';

/** An object of the inventory with its full path. A slash in a name is written %2f in the path, as vCenter does. */
export interface Entity {
  ref: Ref;
  name: string;
  path: string;
  parent?: Entity;
}

/** With their subtypes: clusters are ComputeResources, distributed port groups and opaque networks are Networks. */
const TYPES = [
  'Datacenter',
  'Folder',
  'ComputeResource',
  'HostSystem',
  'ResourcePool',
  'Datastore',
  'StoragePod',
  'Network',
  'DistributedVirtualSwitch',
  'VirtualMachine',
];

/** vCenter writes slash, backslash and percent in names as %2f, %5c and %25. */
export const decodeName = (name: string) =>
  name.replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\').replaceAll('%25', '%');
/** A path as it is compared: only slashes are escaped. */
export const normalPath = (path: string) =>
  path
    .split('/')
    .map((part) => decodeName(part).replaceAll('/', '%2f'))
    .join('/');

/** Reads the inventory's objects that placements are made of, with their paths, through one container view. */
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
    const name = decodeName(text(object.values.name));
    const made: Entity = {
      ref: object.ref,
      name,
      path: `${parent?.path ?? ''}/${name.replaceAll('/', '%2f')}`,
      parent,
    };
    entities.set(id, made);
    return made;
  };
  return objects.map(({ ref }) => entity(ref.value)).filter((each) => each !== undefined);
}
