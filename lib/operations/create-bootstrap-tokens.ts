import * as z from 'zod/mini';
import { createBootstrapToken } from '../kubernetes/index.ts';
import { KUBERNETES_ERRORS, type KubernetesOperation } from './operation.ts';

const input = z.object({
  tokens: z.array(z.object({ id: z.string(), secret: z.string() })),
  expiresAt: z.iso.datetime(),
});
const output = z.object({});

/** Creates bootstrap tokens in a cluster; those that are there already stay. */
export const createBootstrapTokens: KubernetesOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'create-bootstrap-tokens',
  input,
  output,
  errors: KUBERNETES_ERRORS,
  async run({ kubernetes }, { tokens, expiresAt }) {
    await Promise.all(tokens.map((token) => createBootstrapToken(kubernetes, token, expiresAt)));
    return {};
  },
};
