import type { Call, Rule } from './lane.ts';

/** What goes wrong with one call of a method, by the name that `--fault` takes. */
export const FAULTS: Record<string, Rule> = {
  // A fault that may pass.
  before: { fail: 'before', fault: 'SystemError' },
  after: { fail: 'after', fault: 'SystemError' },
  hang: { fail: 'after', fault: 'hang' },
  reset: { fail: 'after', fault: 'reset' },
  expired: { fail: 'before', fault: 'expired' },
  503: { fail: 'before', fault: '503' },
  kill: { fail: 'after', fault: 'kill' },
  // Of methods that return a task: nothing is done, or what was asked for is done and the task fails afterwards.
  task: { fail: 'before', fault: 'task' },
  'task-after': { fail: 'after', fault: 'task' },
};

/** Whether a fault can meet a call: only a task can end in error, and only a session can end. */
export function applies(fault: string, { method, session }: Call): boolean {
  if (fault.startsWith('task')) return method.endsWith('_Task');
  return fault !== 'expired' || session;
}
