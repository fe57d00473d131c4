import type { Ref } from '../../vsphere/index.ts';
import { type Holder, type Privilege, ROLE } from './role.ts';
import { failed, ok, type Row, warning } from './row.ts';

/** An object on which privileges are needed. */
export interface Held {
  ref: Ref;
  /** Its path, for people. */
  path: string;
  as: Holder;
}

/** Every privilege that is asked for. */
export const privilegeIds = [...new Set(ROLE.map(({ id }) => id))];

/**
 * Compares what a user has with what is needed: a row for each object, and a warning for each feature that lacks something.
 * @param granted by the id of the object
 */
export function privilegeRows(objects: readonly Held[], granted: ReadonlyMap<string, ReadonlySet<string>>): Row[] {
  return objects.flatMap((object) => {
    const wanted = ROLE.filter(({ on }) => on === object.as);
    const has = granted.get(object.ref.value) ?? new Set();
    const features = new Set(wanted.flatMap(({ feature }) => feature ?? []));
    return [
      neededRow(object, of(wanted, undefined), has),
      ...[...features].flatMap((feature) => featureRow(object, feature, of(wanted, feature), has)),
    ];
  });
}

const of = (wanted: readonly Privilege[], feature: string | undefined) =>
  wanted.filter((each) => each.feature === feature).map(({ id }) => id);

function neededRow(object: Held, needed: string[], has: ReadonlySet<string>): Row {
  const missing = needed.filter((id) => !has.has(id));
  const check = `privileges on ${object.as} ${object.path}`;
  const found = `${needed.length - missing.length} of ${needed.length}`;
  const row =
    missing.length === 0 ? ok(check, found) : failed(check, `${found}; missing: ${missing.join(', ')}`, howTo(object));
  return { ...row, privileges: { needed, missing } };
}

function featureRow(object: Held, feature: string, needed: string[], has: ReadonlySet<string>): Row[] {
  const missing = needed.filter((id) => !has.has(id));
  if (missing.length === 0) return [];
  const role = `govc role.update -a ${roleName(object.as)} ${missing.join(' ')}`;
  const row = warning(
    `${feature}: privileges on ${object.as} ${object.path}`,
    `missing: ${missing.join(', ')}`,
    `Only where clusters use ${feature}: ${role} (docs/vcenter-role.md).`,
  );
  return [{ ...row, privileges: { needed, missing } }];
}

/** The name of the role of a kind of object, as in docs/vcenter-role.md. */
export const roleName = (as: Holder) => `slipway-${as}`;

const howTo = ({ as, path }: Held) =>
  `Give the user the role ${roleName(as)} on ${path} (docs/vcenter-role.md has the commands).`;
