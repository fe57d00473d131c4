import * as z from 'zod/mini';
import { type Entity, findOne, KINDS, type Kind, onlyOne } from '../../vsphere/index.ts';
import { failedBy, ok, type Row, skipped } from './row.ts';

/** What a connection's clusters have where they name nothing else. */
export const defaults = z.object({
  datacenter: z.optional(z.string()),
  folder: z.optional(z.string()),
  resourcePool: z.optional(z.string()),
  datastore: z.optional(z.string()),
  networks: z.optional(z.array(z.string())),
  template: z.optional(z.string()),
});
export type Defaults = z.infer<typeof defaults>;

/** The objects that the defaults stand for, as far as they were found. */
export interface Found {
  datacenter?: Entity;
  folder?: Entity;
  resourcePool?: Entity;
  /** The cluster that the resource pool belongs to. */
  cluster?: Entity;
  datastore?: Entity;
  networks?: Entity[];
  template?: Entity;
}

/** Resolves each default by itself: a row each, and what was found. */
export function resolveDefaults(entities: readonly Entity[], wanted: Defaults): { rows: Row[]; found: Found } {
  const rows: Row[] = [];
  const resolve = (check: string, find: () => Entity) => {
    try {
      const entity = find();
      rows.push(ok(check, `${entity.path} (${entity.ref.type}:${entity.ref.value})`));
      return entity;
    } catch (error) {
      rows.push(failedBy(check, error));
      return undefined;
    }
  };
  const one = (kind: Kind, name: string | undefined, within?: Entity) =>
    resolve(kind.what, () => (name ? findOne(entities, kind, name, within) : onlyOne(entities, kind, within)));

  const datacenter = one(KINDS.datacenter, wanted.datacenter);
  if (!datacenter) {
    const advice = 'Set the datacenter first: the others are looked for in it.';
    for (const check of ['folder', 'resource pool', 'datastore', 'template'])
      rows.push(skipped(check, 'not checked', advice));
    return { rows, found: {} };
  }
  const folder = one(KINDS.folder, wanted.folder ?? `${datacenter.path}/vm`, datacenter);
  const compute = { ...KINDS.resourcePool, types: ['ComputeResource', 'ClusterComputeResource'] };
  const named = one(wanted.resourcePool ? KINDS.resourcePool : compute, wanted.resourcePool, datacenter);
  let datastore: Entity | undefined;
  if (wanted.datastore) datastore = one(KINDS.datastore, wanted.datastore, datacenter);
  else rows.push(ok('datastore', "none is named: nodes lie on their template's"));
  const networks = (wanted.networks ?? []).flatMap((name) => one(KINDS.network, name, datacenter) ?? []);
  let template: Entity | undefined;
  if (wanted.template) template = one(KINDS.template, wanted.template, datacenter);
  else rows.push(skipped('template', 'none is named', "Name one, or have each cluster's pools name theirs."));
  return { rows, found: { datacenter, folder, ...poolOf(entities, named), datastore, networks, template } };
}

/** A cluster or a host by itself stands for its root pool. */
function poolOf(entities: readonly Entity[], named: Entity | undefined): Pick<Found, 'resourcePool' | 'cluster'> {
  let cluster = named;
  while (cluster && cluster.ref.type !== 'ClusterComputeResource') cluster = cluster.parent;
  if (!named || named.ref.type === 'ResourcePool') return { resourcePool: named, cluster };
  const root = entities.find(({ ref, parent }) => ref.type === 'ResourcePool' && parent === named);
  return { resourcePool: root, cluster };
}
