import { invalidSpec, outOfResources, text, type VCenter, type Xml } from '../../vsphere/index.ts';
import { type DatastoreFacts, readDatastore } from './datastore-facts.ts';
import type { Located } from './locate.ts';
import type { Placement } from './placement.ts';
import { recommendDatastores } from './recommend-datastore.ts';
import { type Candidate, spreadDatastores } from './spread.ts';
import type { Template } from './template.ts';

const GIB = 1024 ** 3;
/** A placement and the template of its nodes. */
type ToPlace = Located & { source?: Template };
type Chosen = Pick<Placement, 'datastore' | 'spread'>;

/**
 * Chooses the datastores of placements. What one placement of the wave puts on a datastore is no longer free for the next.
 * Storage DRS is asked once for placements that are alike.
 *
 * @throws InvalidSpec where no host of a placement mounts its datastore; OutOfResources where no member of a datastore cluster is
 *   to be had
 */
export async function chooseDatastores(
  vcenter: VCenter,
  placements: readonly ToPlace[],
  facts: (id: string) => Record<string, Xml>,
): Promise<Chosen[]> {
  const taken = new Map<string, number>();
  const asked = new Map<string, Promise<string[]>>();
  const chosen: Chosen[] = [];
  for (const each of placements) {
    const { datastore, members, wanted, source } = each;
    if (!datastore) {
      chosen.push({});
      continue;
    }
    if (datastore.ref.type === 'Datastore') {
      checkMounted(each, readDatastore(facts(datastore.ref.value)));
      chosen.push({ datastore: datastore.ref });
      continue;
    }
    const judged = members.map(({ ref, path }) => ({ ref, path, ...readDatastore(facts(ref.value)) }));
    const eligible = judged.filter(
      ({ usable, hosts }) => usable && each.hosts.every(({ ref }) => hosts.has(ref.value)),
    );
    if (eligible.length === 0) throw noMember(each, judged);
    const recommended = isManaged(facts(datastore.ref.value)) ? await recommend(vcenter, each, asked) : [];
    const best = recommended.find((id) => eligible.some(({ ref }) => ref.value === id));
    const candidates: Candidate[] = eligible.map(({ ref, freeBytes }) => ({
      id: ref.value,
      freeBytes: freeBytes - (taken.get(ref.value) ?? 0),
      recommended: ref.value === best,
    }));
    const bytes = bytesPerNode(wanted, source);
    const spread = spreadDatastores(candidates, wanted.nodes ?? [], bytes);
    for (const [id, nodes] of spread) taken.set(id, (taken.get(id) ?? 0) + nodes.length * bytes);
    const refOf = (value: string) => ({ type: 'Datastore', value });
    const mostFree = candidates.reduce((a, b) => (b.freeBytes > a.freeBytes ? b : a)).id;
    chosen.push({
      datastore: refOf(best ?? mostFree),
      spread: [...spread].map(([id, nodes]) => ({ datastore: refOf(id), nodes })),
    });
  }
  return chosen;
}

/** Whether storage DRS is on for a datastore cluster (`podStorageDrsEntry`). */
const isManaged = ({ podStorageDrsEntry }: Record<string, Xml>) =>
  text(podStorageDrsEntry?.storageDrsConfig?.podConfig?.enabled) === 'true';

async function recommend(vcenter: VCenter, each: ToPlace, asked: Map<string, Promise<string[]>>): Promise<string[]> {
  const { datastore, source, folder, pool, host } = each;
  if (!datastore || !source) return [];
  const key = [datastore, folder, pool, host].map((entity) => entity?.ref.value).join() + source.ref.value;
  const answer =
    asked.get(key) ??
    recommendDatastores(vcenter, {
      pod: datastore.ref,
      template: source.ref,
      snapshot: source.snapshot,
      folder: folder.ref,
      resourcePool: pool.ref,
      host: host?.ref,
    });
  asked.set(key, answer);
  return await answer;
}

/** What a node may come to use, were its thin disks full. A linked clone begins with nothing. */
function bytesPerNode(
  { diskGiB = 0, furtherGiB = 0, linked }: Located['wanted'],
  source: Template | undefined,
): number {
  const disks = (source?.disks ?? []).map(({ capacityKiB }) => capacityKiB * 1024);
  const [system = 0, ...others] = linked ? [] : disks;
  return Math.max(system, diskGiB * GIB) + others.reduce((sum, each) => sum + each, 0) + furtherGiB * GIB;
}

function checkMounted({ datastore, compute, host, hosts }: ToPlace, facts: DatastoreFacts): void {
  if (hosts.length === 0 || hosts.some(({ ref }) => facts.hosts.has(ref.value))) return;
  throw invalidSpec(
    `datastore ${datastore?.path} is mounted by no host of ${(host ?? compute).path}: mount it there, or name another datastore`,
  );
}

function noMember({ datastore, compute, host, members }: ToPlace, judged: (DatastoreFacts & { path: string })[]) {
  const unusable = judged.filter(({ usable }) => !usable).map(({ path }) => path);
  return outOfResources(
    `datastore cluster ${datastore?.path} has ${members.length} datastores, and none that is accessible, out of maintenance and mounted by every host of ${(host ?? compute).path}${unusable.length ? ` (inaccessible or in maintenance: ${unusable.slice(0, 10).join(', ')})` : ''}`,
  );
}
