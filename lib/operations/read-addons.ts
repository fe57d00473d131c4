import * as z from 'zod/mini';
import { KUBERNETES_ERRORS, type KubernetesOperation } from './operation.ts';

const PATH = '/api/v1/namespaces/kube-system/configmaps/slipway-addons';

const input = z.object({});
/** What was applied, and by which node; nothing where no node has recorded that all are. */
const output = z.object({ revision: z.optional(z.string()), node: z.optional(z.string()) });

/** Reads what control-plane nodes have recorded in the cluster of its add-ons. */
export const readAddons: KubernetesOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'read-addons',
  input,
  output,
  errors: KUBERNETES_ERRORS,
  async run({ kubernetes }) {
    const { status, data } = await kubernetes.request('GET', PATH, undefined, [404]);
    return status === 404 ? {} : (data.data ?? {});
  },
};
