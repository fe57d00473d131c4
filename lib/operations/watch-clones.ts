import * as z from 'zod/mini';
import { readTasks } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { nodeError, told } from './shapes.ts';

const input = z.object({ nodes: z.array(z.object({ name: z.string(), task: z.string() })) });
const output = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      /** `forgotten`: vCenter knows the task no longer, so whether the VM is there has to be looked up. */
      state: z.enum(['running', 'success', 'error', 'forgotten']),
      /** The VM that was cloned. */
      vm: z.optional(z.string()),
      error: z.optional(nodeError),
    }),
  ),
});

/** Reads how far the clones of nodes are, in one request. */
export const watchClones: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'watch-clones',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { nodes }) {
    const refs = nodes.map(({ task }) => ({ type: 'Task', value: task }));
    const states = await readTasks(vcenter, refs, 'The clone');
    return {
      nodes: nodes.map(({ name, task }) => {
        const seen = states.get(task) ?? { state: 'forgotten' as const };
        return {
          name,
          state: seen.state,
          vm: seen.state === 'success' && seen.result ? seen.result : undefined,
          error: seen.state === 'error' ? told(seen.error) : undefined,
        };
      }),
    };
  },
};
