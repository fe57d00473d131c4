import * as z from 'zod/mini';
import { deleteNodeObject } from '../kubernetes/index.ts';
import { KUBERNETES_ERRORS, type KubernetesOperation } from './operation.ts';

const input = z.object({ node: z.string() });
const output = z.object({});

/** Deletes a node's object; one that is gone counts as deleted. */
export const deleteNode: KubernetesOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'delete-node',
  input,
  output,
  errors: KUBERNETES_ERRORS,
  async run({ kubernetes }, { node }) {
    await deleteNodeObject(kubernetes, node);
    return {};
  },
};
