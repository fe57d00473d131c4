import { invalidSpec, notFound } from '../errors.ts';
import { decodeName, type Entity, normalPath } from './entities.ts';
import type { Kind } from './kinds.ts';

/** Most names that an error lists. */
const LISTED = 10;

/**
 * Finds one object by name, by inventory path (absolute, or from the folder of its kind: `a/b` is `/DC/vm/a/b` for a template),
 * or by managed object id (`Datastore:datastore-12`, or `datastore-12` where nothing has that name).
 *
 * @param datacenter only in this one
 * @throws NotFound with what there is; InvalidSpec for a wildcard, and where several have the name, with their paths
 */
export function findOne(entities: readonly Entity[], kind: Kind, name: string, datacenter?: Entity): Entity {
  const { what, standsFor = (entity) => entity } = kind;
  if (/[*?]/.test(name)) {
    throw invalidSpec(`${what} '${name}': wildcards are not allowed; write the name, the full path or the id`);
  }
  const candidates = candidatesOf(entities, kind, datacenter);
  const found = [...new Set(matches(candidates, name, rootOf(kind, datacenter)).map(standsFor))];
  const where = datacenter ? ` in ${datacenter.path}` : '';
  const [first, second] = found;
  if (!first) throw notFound(`${what} '${name}' is not found${where}. ${whatThereIs(candidates, entities, name)}`);
  if (second) {
    // NSX makes port groups of one name, and so of one path, on each switch.
    const unlike = new Set(found.map(({ path }) => path)).size === found.length;
    const write = (each: Entity) => (unlike ? each.path : `${each.path} (${idOf(each)})`);
    const hint = unlike ? `the full path, e.g. "${first.path}"` : `the id, e.g. "${idOf(first)}"`;
    throw invalidSpec(
      `${what} '${name}' is ambiguous${where}: ${found.slice(0, LISTED).map(write).join(' and ')}. Write ${hint}.`,
    );
  }
  return first;
}

/** The one object of its kind, where none was named. @throws InvalidSpec with those that there are */
export function onlyOne(entities: readonly Entity[], kind: Kind, datacenter?: Entity): Entity {
  const [first, second, ...more] = candidatesOf(entities, kind, datacenter);
  if (first && !second) return first;
  const all = [first, second, ...more].filter((each) => each !== undefined);
  throw invalidSpec(
    `name a ${kind.what}: there are ${all.length}: ${
      all
        .slice(0, LISTED)
        .map(({ path }) => path)
        .join(', ') || 'none'
    }`,
  );
}

const idOf = ({ ref }: Entity) => `${ref.type}:${ref.value}`;

function rootOf({ root }: Kind, datacenter: Entity | undefined): string {
  if (!datacenter) return '';
  return root ? `${datacenter.path}/${root}` : datacenter.path;
}

function candidatesOf(entities: readonly Entity[], kind: Kind, datacenter: Entity | undefined): Entity[] {
  const root = rootOf(kind, datacenter);
  return entities.filter(
    ({ ref, path }) => kind.types.includes(ref.type) && (path === root || path.startsWith(`${root}/`)),
  );
}

function matches(candidates: readonly Entity[], name: string, root: string): Entity[] {
  const byId = candidates.filter((each) => idOf(each) === name);
  if (byId.length > 0) return byId;
  if (name.includes('/')) {
    const path = normalPath(name.replace(/\/+$/, ''));
    const full = path.startsWith('/') ? path : `${root}/${path}`;
    return candidates.filter((each) => each.path === full);
  }
  const byName = candidates.filter((each) => each.name === decodeName(name));
  return byName.length > 0 ? byName : candidates.filter(({ ref }) => ref.value === name);
}

function whatThereIs(candidates: readonly Entity[], entities: readonly Entity[], name: string): string {
  const other = entities.find((each) => idOf(each) === name);
  if (other) return `${name} is ${other.path}.`;
  const known = candidates.slice(0, LISTED).map(({ path }) => path);
  const more = candidates.length > LISTED ? ` and ${candidates.length - LISTED} more` : '';
  return `There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ') || 'none that this user can see'}${more}.`;
}
