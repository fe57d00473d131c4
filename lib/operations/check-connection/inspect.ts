import { readPrivileges, type VCenter } from '../../vsphere/index.ts';
import type { bounded } from './bounded.ts';
import type { Found } from './defaults.ts';
import { type NetworkFacts, readDatastore, readNetworks, readTemplate, type TemplateFacts } from './facts.ts';
import { type Held, privilegeIds, privilegeRows } from './privileges.ts';
import type { Holder } from './role.ts';
import { failedBy, type Row, skipped } from './row.ts';
import { datastoreRows, networkRows, templateRows } from './template.ts';

/**
 * Checks the objects that the defaults stand for: the template, its networks, the datastore, and the privileges on all.
 * @param within waits for a call as long as it may take
 */
export async function inspect(
  vcenter: VCenter,
  sessionKey: string,
  found: Found,
  within: ReturnType<typeof bounded>,
): Promise<Row[]> {
  const rows: Row[] = [];
  /** Reads facts and adds their rows; what can not be read is a failed row. */
  const add = async <T>(check: string, read: Promise<T>, rowsOf: (facts: T) => Row[]): Promise<T | undefined> => {
    try {
      const facts = await within(check, read);
      rows.push(...rowsOf(facts));
      return facts;
    } catch (error) {
      rows.push(failedBy(check, error));
      return undefined;
    }
  };

  let template: TemplateFacts | undefined;
  let networks: NetworkFacts[] = [];
  if (found.template) {
    const { ref, path } = found.template;
    template = await add('template', readTemplate(vcenter, ref), (facts) => templateRows(facts, path));
  }
  // A clone has the networks that are named, else its template's.
  const named = found.networks?.map((network) => network.ref) ?? [];
  const refs = named.length > 0 ? named : template?.networks;
  if (refs) networks = (await add('network', readNetworks(vcenter, refs), networkRows)) ?? [];
  else rows.push(skipped('network', 'not checked', 'Name a template or networks to have them checked.'));
  const ref = found.datastore?.ref ?? template?.datastores[0];
  const size = template?.size;
  const datastore = ref && (await add('datastore', readDatastore(vcenter, ref), (facts) => datastoreRows(facts, size)));

  const held = (as: Holder, entity: Pick<Held, 'ref' | 'path'> | undefined): Held[] =>
    entity ? [{ ref: entity.ref, path: entity.path, as }] : [];
  const { rootFolder } = await vcenter.content();
  const objects = [
    ...held('vcenter', { ref: rootFolder, path: '/' }),
    ...held('datacenter', found.datacenter),
    ...held('folder', found.folder),
    ...held('resource-pool', found.resourcePool),
    ...held('cluster', found.cluster),
    ...held('datastore', found.datastore ?? (datastore && { ref, path: datastore.name })),
    ...networks.flatMap(({ ref, name }) => held('network', { ref, path: name })),
    ...(template ? held(template.isTemplate ? 'template' : 'vm-template', found.template) : []),
  ];
  const entities = objects.map(({ ref }) => ref);
  await add('privileges', readPrivileges(vcenter, sessionKey, entities, privilegeIds), (granted) =>
    privilegeRows(objects, granted),
  );
  return rows;
}
