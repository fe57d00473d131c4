import { fromFault, type VSphereError } from './errors.ts';
import type { VCenter } from './vcenter.ts';
import { lookUp, watchProperties } from './watch.ts';
import { type Ref, text, type Xml } from './xml.ts';

/** The properties by which tasks are watched. */
export const TASK_PATHS = ['info.state', 'info.error', 'info.result'];

/** The named error of a task's `info.error` (LocalizedMethodFault). */
export function taskError(error: Xml, what: string): VSphereError {
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
