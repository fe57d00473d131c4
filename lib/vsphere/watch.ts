import { setTimeout as sleep } from 'node:timers/promises';
import type { Properties } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { list, type Ref, text, toRef, toXml, type Xml } from './xml.ts';

/** Longest wait of one request: a connection that died in silence is noticed soon after. */
const POLL_SECONDS = 25;
/** Milliseconds between two requests. */
const PAUSE_MS = 300;

const key = ({ type, value }: Ref) => `${type}:${value}`;

/**
 * Watches properties of objects on a property collector of its own: concurrent waits on the session's default collector
 * would take each other's updates.
 *
 * @param paths the properties, by type of object
 * @param done called with what is known of each object after each update; ends the wait. It may have others watched instead.
 * @param maxWaitSeconds after which it ends anyway
 */
export async function watchProperties(
  vcenter: VCenter,
  refs: readonly Ref[],
  paths: Record<string, readonly string[]>,
  maxWaitSeconds: number,
  done: (known: ReadonlyMap<string, Properties>, watch: (instead: Ref[]) => void) => boolean,
): Promise<void> {
  const until = Date.now() + maxWaitSeconds * 1000;
  await vcenter.inSession(() => watch(vcenter, refs, paths, until, done));
}

async function watch(
  vcenter: VCenter,
  refs: readonly Ref[],
  paths: Record<string, readonly string[]>,
  until: number,
  done: (known: ReadonlyMap<string, Properties>, watch: (instead: Ref[]) => void) => boolean,
): Promise<void> {
  const { propertyCollector } = await vcenter.content();
  const [made] = await vcenter.call('CreatePropertyCollector', propertyCollector);
  const collector = toRef(made);
  const known = new Map<string, Properties>();
  let toWatch = [...refs];
  let filter: Ref | undefined;
  try {
    for (let version = ''; ; ) {
      if (toWatch.length > 0) {
        if (filter) await vcenter.call('DestroyPropertyFilter', filter);
        filter = await createFilter(vcenter, collector, toWatch, paths);
        // From the beginning: not every vCenter tells the first state of a filter that joins later.
        version = '';
      }
      toWatch = [];
      const left = Math.min(POLL_SECONDS, Math.max(0, Math.ceil((until - Date.now()) / 1000)));
      const [update] = await vcenter.call(
        'WaitForUpdatesEx',
        collector,
        { version, options: { maxWaitSeconds: left } },
        left,
      );
      if (update) {
        version = text(update.version);
        for (const filter of list(update.filterSet)) for (const object of list(filter.objectSet)) apply(known, object);
      }
      if (done(known, (instead) => toWatch.push(...instead))) return;
      if (Date.now() >= until && toWatch.length === 0) return;
      // Ends come one by one: what comes in the next moment is told in one answer.
      if (toWatch.length === 0) await sleep(Math.min(PAUSE_MS, Math.max(0, until - Date.now())));
    }
  } finally {
    await vcenter.call('DestroyPropertyCollector', collector).catch(() => undefined);
  }
}

async function createFilter(
  vcenter: VCenter,
  collector: Ref,
  refs: readonly Ref[],
  paths: Record<string, readonly string[]>,
): Promise<Ref> {
  const types = [...new Set(refs.map(({ type }) => type))];
  const [made] = await vcenter.call('CreateFilter', collector, {
    spec: {
      propSet: types.map((type) => ({ type, all: false, pathSet: paths[type] })),
      objectSet: refs.map((ref) => ({ obj: toXml(ref), skip: false })),
    },
    partialUpdates: false,
  });
  return toRef(made);
}

function apply(known: Map<string, Properties>, object: Xml): void {
  const ref = toRef(object.obj);
  const entry = known.get(key(ref)) ?? { ref, values: {} };
  known.set(key(ref), entry);
  if (object['@kind'] === 'leave' || text(object.kind) === 'leave') entry.values = { gone: 'true' };
  for (const change of list(object.changeSet)) entry.values[text(change.name)] = change.val;
}

/** What is known of an object. */
export const lookUp = (known: ReadonlyMap<string, Properties>, ref: Ref): Record<string, Xml> =>
  known.get(key(ref))?.values ?? {};
