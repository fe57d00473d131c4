import * as z from 'zod/mini';
import { waitForTasks } from '../vsphere/index.ts';
import { adoptVms } from './adopt-vms.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { nodeError, told } from './shapes.ts';

const TASK_SECONDS = 60;

const input = z.object({
  nodes: z.array(z.object({ name: z.string(), instanceUuid: z.string(), marks: z.record(z.string(), z.string()) })),
});
const output = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      /** `slow`: its power-on has not ended yet; `failed`: it can not be switched on. */
      state: z.enum(['on', 'slow', 'failed']),
      error: z.optional(nodeError),
    }),
  ),
});

/** Errors that say nothing about one VM. */
const OF_THE_VCENTER = ['VCenterBusy', 'VCenterUnreachable', 'VCenterUntrusted', 'NotAuthorized'];

/**
 * Switches VMs of ours on, each only if it bears its marks, and waits for all in one wait. One that is gone is left out; one that
 * somebody else switched on meanwhile is on.
 */
export const powerOnVms: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'power-on-vms',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { nodes }) {
    const found = [...(await adoptVms(vcenter, nodes)).values()];
    const broken = found.find(({ error }) => error && OF_THE_VCENTER.includes(error.name))?.error;
    if (broken) throw Object.assign(new Error(broken.message), { name: broken.name });
    const started = found.flatMap(({ name, task }) => (task ? [{ name, task }] : []));
    const tasks = started.map(({ task }) => ({ type: 'Task', value: task }));
    const ends = await waitForTasks(vcenter, tasks, TASK_SECONDS);
    const errors = new Map(started.map(({ name }, index) => [name, ends[index]]));
    return {
      nodes: found.map(({ name, error }) => {
        const end = errors.get(name);
        if (error) return { name, state: 'failed', error };
        if (!end || end.fault === 'InvalidPowerState') return { name, state: 'on' };
        return end.fault === 'Timedout' ? { name, state: 'slow' } : { name, state: 'failed', error: told(end) };
      }),
    };
  },
};
