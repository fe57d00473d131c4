import * as z from 'zod/mini';
import { countClones, readTasks } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

const input = z.object({
  /** Clone tasks that are known. */
  tasks: z.array(z.string()),
  /** Whether there may be others, whose answers were lost, and when they were asked for. ISO 8601. */
  unseen: z.boolean(),
  since: z.string(),
  until: z.string(),
});
const output = z.object({ pending: z.int() });

/** Counts the clones that may still be under way: those whose tasks are known, and those of which nobody heard. */
export const pendingClones: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'pending-clones',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { tasks, unseen, since, until }) {
    const states = await readTasks(
      vcenter,
      tasks.map((value) => ({ type: 'Task', value })),
      'The clone',
    );
    const running = [...states.values()].filter(({ state }) => state === 'running').length;
    if (!unseen) return { pending: running };
    const others = await countClones(vcenter, { since: new Date(since), until: new Date(until), except: tasks });
    return { pending: running + others };
  },
};
