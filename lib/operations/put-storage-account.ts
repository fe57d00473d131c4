import * as z from 'zod/mini';
import { applyObject } from '../kubernetes/index.ts';
import { KUBERNETES_ERRORS, type KubernetesOperation } from './operation.ts';

const input = z.object({ objects: z.array(z.object({ path: z.string(), object: z.looseObject({}) })) });
const output = z.object({});

/** Makes the objects by which a cluster knows its vCenter, the account among them, or brings them to what they should be. */
export const putStorageAccount: KubernetesOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'put-storage-account',
  input,
  output,
  errors: [...KUBERNETES_ERRORS, 'KubernetesRefused'],
  async run({ kubernetes }, { objects }) {
    for (const { path, object } of objects) await applyObject(kubernetes, path, object);
    return {};
  },
};
