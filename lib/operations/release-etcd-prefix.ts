import * as z from 'zod/mini';
import { type EtcdOperation, KUBERNETES_ERRORS } from './operation.ts';

const input = z.object({
  key: z.string().check(z.minLength(2)),
  end: z.string().check(z.minLength(2)),
  /** Whether the keys in the range are this cluster's. */
  keys: z.boolean(),
  user: z.optional(z.string().check(z.minLength(1))),
});
const output = z.object({ deleted: z.int() });

/** Takes a cluster's user and role from etcd, then its keys. What is gone already counts as taken. */
export const releaseEtcdPrefix: EtcdOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'release-etcd-prefix',
  input,
  output,
  errors: KUBERNETES_ERRORS,
  async run({ store, users }, { key, end, keys, user }) {
    // The user first: nobody writes what is then deleted.
    if (user) await users?.forbid(user);
    return { deleted: keys ? await store.deleteKeys(key, end) : 0 };
  },
};
