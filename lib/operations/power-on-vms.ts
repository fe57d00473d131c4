import * as z from 'zod/mini';
import { waitForTasks } from '../vsphere/index.ts';
import { adoptVms } from './adopt-vms.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { nodeError, told } from './shapes.ts';

const TASK_SECONDS = 60;

const input = z.object({
  nodes: z.array(z.object({ name: z.string(), instanceUuid: z.string(), marks: z.record(z.string(), z.string()) })),
});
const output = z.object({ nodes: z.array(z.object({ name: z.string(), error: z.optional(nodeError) })) });

/** Switches VMs of ours on, each only if it bears its marks, and waits for all in one wait. One that is gone is left out. */
export const powerOnVms: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'power-on-vms',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { nodes }) {
    const found = [...(await adoptVms(vcenter, nodes)).values()];
    const started = found.flatMap(({ name, task }) => (task ? [{ name, task }] : []));
    const tasks = started.map(({ task }) => ({ type: 'Task', value: task }));
    const ends = await waitForTasks(vcenter, tasks, TASK_SECONDS);
    const failed = new Map(started.map(({ name }, index) => [name, ends[index]]));
    return {
      nodes: found.map(({ name, error }) => {
        const end = failed.get(name);
        return { name, error: error ?? (end && told(end)) };
      }),
    };
  },
};
