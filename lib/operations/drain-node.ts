import * as z from 'zod/mini';
import { cordonNode, evictPods } from '../kubernetes/index.ts';
import { KUBERNETES_ERRORS, type KubernetesOperation } from './operation.ts';

const input = z.object({ node: z.string(), timeoutSeconds: z.int() });
const output = z.object({});

/** Cordons a node and evicts its pods; a node that is gone is drained. */
export const drainNode: KubernetesOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'drain-node',
  input,
  output,
  errors: KUBERNETES_ERRORS,
  async run({ kubernetes }, { node, timeoutSeconds }) {
    if (await cordonNode(kubernetes, node)) await evictPods(kubernetes, node, timeoutSeconds);
    return {};
  },
};
