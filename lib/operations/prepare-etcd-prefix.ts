import * as z from 'zod/mini';
import { KubernetesError } from '../kubernetes/index.ts';
import { type EtcdOperation, KUBERNETES_ERRORS } from './operation.ts';

const input = z.object({
  key: z.string().check(z.minLength(2)),
  end: z.string().check(z.minLength(2)),
  /** The user of a cluster that shares an etcd of ours; without it etcd is somebody's own, with users of its own. */
  user: z.optional(z.string().check(z.minLength(1))),
});
const output = z.object({});

/** Where API servers agree on the compaction of etcd. They want to read it, and write it only where they compact. */
const COMPACTION_KEY = 'compact_rev_key';

/**
 * Opens a range of keys in etcd to one user. Run again it finds what it made.
 * @throws EtcdPrefixInUse where there are keys in it: somebody else's state
 */
export const prepareEtcdPrefix: EtcdOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'prepare-etcd-prefix',
  input,
  output,
  errors: [...KUBERNETES_ERRORS, 'EtcdPrefixInUse'],
  async run({ store, users }, { key, end, user }) {
    const count = await store.countKeys(key, end);
    if (count > 0) {
      throw new KubernetesError(
        'EtcdPrefixInUse',
        `There are ${count} keys below ${key} in etcd already, of a cluster that Slipway does not know: choose another etcd.prefix, or delete those keys.`,
      );
    }
    if (user) await users?.allow(user, { key, end }, [COMPACTION_KEY]);
    return {};
  },
};
