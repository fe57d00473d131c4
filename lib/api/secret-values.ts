import * as z from 'zod/mini';
import { oneOfNetworks, placementFields } from '../cluster/placement.ts';
import { etcdValues } from './etcd-values.ts';

const fingerprint = z
  .string()
  .check(
    z.regex(
      /^([0-9A-Fa-f]{2}:?){19}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
      'a SHA-1 or SHA-256 fingerprint in hex',
    ),
  );

/** Values of a secret of type vsphere: a connection to a vCenter. Names are defaults for its clusters. */
export const connectionValues = z
  .strictObject({
    url: z.url({ protocol: /^https$/, error: 'an https URL such as https://vcenter.example.com' }),
    user: z.string().check(z.minLength(1)),
    password: z.string().check(z.minLength(1)),
    /** Trust: a pinned certificate, or the authority that signed it; else the public authorities. */
    fingerprint: z.optional(fingerprint),
    ca: z.optional(z.string().check(z.includes('-----BEGIN CERTIFICATE-----', 'a PEM certificate'))),
    ...placementFields,
    defaultNodeTemplate: z.optional(z.string().check(z.minLength(1))),
    /** Most sessions at once, of all functions together. */
    maxSessions: z._default(z.int().check(z.gte(2), z.lte(64)), 8),
    /** Most clones at once, of all clusters together. */
    maxConcurrentClones: z._default(z.int().check(z.gte(1), z.lte(64)), 8),
    /** Most nodes of one cluster. */
    maxNodes: z.optional(z.int().check(z.gte(1))),
  })
  .check(oneOfNetworks());
export type ConnectionValues = z.infer<typeof connectionValues>;

const publicKey = z
  .string()
  .check(
    z.regex(/^(ssh-(rsa|ed25519)|ecdsa-sha2-nistp\d+|sk-\S+) [A-Za-z0-9+/=]+( [^\n]*)?$/, 'an OpenSSH public key'),
  );

/** Values of a secret of type ssh: who may sign in to the nodes. */
export const sshValues = z.strictObject({
  user: z._default(z.string().check(z.regex(/^[a-z_][-a-z0-9_]{0,31}$/, 'a Linux user name')), 'slipway'),
  publicKeys: z.array(publicKey).check(z.minLength(1)),
});
export type SshValues = z.infer<typeof sshValues>;

const visible = z.string().check(z.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'text without control characters'));

/** Values of a secret of type password: what a proxy asks for. */
const passwordValues = z.strictObject({
  username: visible.check(z.minLength(1), z.maxLength(256)),
  password: visible.check(z.minLength(1), z.maxLength(1024)),
});

const common = {
  name: z
    .string()
    .check(z.regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,62}[A-Za-z0-9])?$/, 'letters, digits, ".", "_" and "-", at most 64')),
  tags: z._default(z.array(z.string().check(z.maxLength(128))).check(z.maxLength(32)), []),
};

/** The body of `POST …/secrets`. */
export const secretBody = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ ...common, type: z.literal('vsphere'), values: connectionValues }),
    z.strictObject({ ...common, type: z.literal('ssh'), values: sshValues }),
    z.strictObject({ ...common, type: z.literal('password'), values: passwordValues }),
    z.strictObject({ ...common, type: z.literal('etcd'), values: etcdValues }),
  ],
  { error: 'type must be vsphere, ssh, password or etcd' },
);
