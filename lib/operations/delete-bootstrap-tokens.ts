import * as z from 'zod/mini';
import { deleteBootstrapToken } from '../kubernetes/index.ts';
import { KUBERNETES_ERRORS, type KubernetesOperation } from './operation.ts';

const input = z.object({ ids: z.array(z.string()) });
const output = z.object({});

/** Deletes bootstrap tokens; those that are gone count as deleted. */
export const deleteBootstrapTokens: KubernetesOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'delete-bootstrap-tokens',
  input,
  output,
  errors: KUBERNETES_ERRORS,
  async run({ kubernetes }, { ids }) {
    await Promise.all(ids.map((id) => deleteBootstrapToken(kubernetes, id)));
    return {};
  },
};
