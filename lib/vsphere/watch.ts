import { setTimeout as sleep } from 'node:timers/promises';
import type { Properties } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { list, type Ref, text, toRef, toXml, type Xml } from './xml.ts';

/** Longest wait of one request: a connection that died in silence is noticed soon after. */
const POLL_SECONDS = 25;
/** Milliseconds between two requests. */
const PAUSE_MS = 300;

const key = ({ type, value }: Ref) => `${type}:${value}`;

/** What is known of each object, and whether that ends the wait. */
type Done = (known: ReadonlyMap<string, Properties>) => boolean;

/**
 * Watches properties of objects on a property collector of its own: concurrent waits on the session's default collector
 * would take each other's updates.
 *
 * @param paths the properties, by type of object
 * @param done called after each update
 * @param maxWaitSeconds after which it ends anyway
 */
export async function watchProperties(
  vcenter: VCenter,
  refs: readonly Ref[],
  paths: Record<string, readonly string[]>,
  maxWaitSeconds: number,
  done: Done,
): Promise<void> {
  const until = Date.now() + maxWaitSeconds * 1000;
  await vcenter.inSession(async () => {
    const { propertyCollector } = await vcenter.content();
    const [made] = await vcenter.call('CreatePropertyCollector', propertyCollector);
    const collector = toRef(made);
    try {
      await createFilter(vcenter, collector, refs, paths);
      await follow(vcenter, collector, until, done);
    } finally {
      await vcenter.call('DestroyPropertyCollector', collector).catch(() => undefined);
    }
  });
}

async function createFilter(
  vcenter: VCenter,
  collector: Ref,
  refs: readonly Ref[],
  paths: Record<string, readonly string[]>,
): Promise<void> {
  const types = [...new Set(refs.map(({ type }) => type))];
  await vcenter.call('CreateFilter', collector, {
    spec: {
      propSet: types.map((type) => ({ type, all: false, pathSet: paths[type] })),
      objectSet: refs.map((ref) => ({ obj: toXml(ref), skip: false })),
    },
    partialUpdates: false,
  });
}

async function follow(vcenter: VCenter, collector: Ref, until: number, done: Done): Promise<void> {
  const known = new Map<string, Properties>();
  for (let version = ''; ; ) {
    const maxWaitSeconds = Math.min(POLL_SECONDS, Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    const args = { version, options: { maxWaitSeconds } };
    const [update] = await vcenter.call('WaitForUpdatesEx', collector, args, maxWaitSeconds);
    if (update) {
      version = text(update.version);
      for (const filter of list(update.filterSet)) for (const object of list(filter.objectSet)) apply(known, object);
    }
    if (done(known) || Date.now() >= until) return;
    // Ends come one by one: what comes in the next moment is told in one answer.
    await sleep(Math.min(PAUSE_MS, Math.max(0, until - Date.now())));
  }
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
