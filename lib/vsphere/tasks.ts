import { fromFault, VSphereError } from './errors.ts';
import { readProperties, retrieve } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { lookUp, watchProperties } from './watch.ts';
import { type Ref, text, toXml, type Xml } from './xml.ts';

/** The properties by which tasks are watched. */
const TASK_PATHS = ['info.state', 'info.error', 'info.result'];

/** The named error of a task's `info.error` (LocalizedMethodFault). */
function taskError(error: Xml, what: string): VSphereError {
  return fromFault(error?.fault?.['@type'] ?? 'RuntimeFault', text(error?.localizedMessage), what);
}

/**
 * Waits for tasks, all in one wait.
 * @returns for each task its error, or undefined where it succeeded; one that did not end in time failed
 */
export async function waitForTasks(
  vcenter: VCenter,
  tasks: readonly Ref[],
  maxWaitSeconds: number,
): Promise<(VSphereError | undefined)[]> {
  const ends = new Map<string, VSphereError | undefined>();
  if (tasks.length === 0) return [];
  await watchProperties(vcenter, tasks, { Task: TASK_PATHS }, maxWaitSeconds, (known) => {
    for (const task of tasks) {
      const values = lookUp(known, task);
      const state = text(values['info.state']);
      if (state === 'success') ends.set(task.value, undefined);
      if (state === 'error') ends.set(task.value, taskError(values['info.error'], `task ${task.value}`));
    }
    return ends.size === tasks.length;
  });
  return tasks.map(({ value }) =>
    ends.has(value) ? ends.get(value) : fromFault('Timedout', `not done in ${maxWaitSeconds} s`, `task ${value}`),
  );
}

/** How far a task is; `forgotten` where vCenter knows it no longer, which is some minutes after its end. */
export type TaskState =
  | { state: 'running' | 'forgotten' }
  | { state: 'success'; result: string }
  | { state: 'error'; error: VSphereError };

/** Reads how far tasks are, in one request. @param what was tried, for the messages of errors */
export async function readTasks(
  vcenter: VCenter,
  tasks: readonly Ref[],
  what: string,
): Promise<Map<string, TaskState>> {
  const states = new Map<string, TaskState>(tasks.map(({ value }) => [value, { state: 'forgotten' }]));
  const read = async (some: readonly Ref[]) => {
    for (const { ref, values } of await readProperties(vcenter, some, TASK_PATHS)) {
      states.set(ref.value, stateOf(values, what));
    }
  };
  try {
    await read(tasks);
  } catch (error) {
    if (!isGone(error)) throw error;
    // One that is forgotten fails the request for all.
    for (const task of tasks) {
      await read([task]).catch((each) => {
        if (!isGone(each)) throw each;
      });
    }
  }
  return states;
}

const isGone = (error: unknown) => error instanceof VSphereError && error.fault === 'ManagedObjectNotFound';

function stateOf(values: Record<string, Xml>, what: string): TaskState {
  const state = text(values['info.state']);
  if (state === 'success') return { state, result: text(values['info.result']) };
  return state === 'error' ? { state, error: taskError(values['info.error'], what) } : { state: 'running' };
}

/** Clocks of vCenters are not ours. */
const SKEW_MS = 5 * 60_000;

/** Which clones are meant. */
export interface CloneFilter {
  /** When they were asked for. */
  since: Date;
  until: Date;
  /** Ids of tasks that are known. */
  except: readonly string[];
  /** Ids of the templates; without them any. */
  templates?: readonly string[];
}

/**
 * How many clones are under way, whoever asked for them, as far as this user may see: those that were asked for and whose
 * answers were lost are among them.
 */
export async function countClones(vcenter: VCenter, filter: CloneFilter): Promise<number> {
  const { taskManager } = await vcenter.content();
  const paths = ['info.descriptionId', 'info.state', 'info.entity', 'info.queueTime'];
  const tasks = await retrieve(vcenter, {
    propSet: { type: 'Task', all: false, pathSet: paths },
    objectSet: {
      obj: toXml(taskManager),
      skip: true,
      selectSet: { '@xsi:type': 'TraversalSpec', name: 'recent', type: 'TaskManager', path: 'recentTask', skip: false },
    },
  });
  return tasks.filter(({ ref, values }) => {
    const queued = Date.parse(text(values['info.queueTime']));
    return (
      !filter.except.includes(ref.value) &&
      text(values['info.descriptionId']).startsWith('VirtualMachine.clone') &&
      ['queued', 'running'].includes(text(values['info.state'])) &&
      (filter.templates?.includes(text(values['info.entity'])) ?? true) &&
      queued >= filter.since.getTime() - SKEW_MS &&
      queued <= filter.until.getTime() + SKEW_MS
    );
  }).length;
}
