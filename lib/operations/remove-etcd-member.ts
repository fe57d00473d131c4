import * as z from 'zod/mini';
import { removeEtcdMember as remove } from '../kubernetes/index.ts';
import { KUBERNETES_ERRORS, type KubernetesOperation } from './operation.ts';

const input = z.object({ node: z.string(), address: z.optional(z.string()) });
const output = z.object({});

/** Removes a node from etcd's members, over the etcd of another. */
export const removeEtcdMember: KubernetesOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'remove-etcd-member',
  input,
  output,
  errors: KUBERNETES_ERRORS,
  async run({ kubernetes }, { node, address }) {
    await remove(kubernetes, node, address);
    return {};
  },
};
