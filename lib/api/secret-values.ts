import * as z from 'zod';

const fingerprint = z
  .string()
  .regex(
    /^([0-9A-Fa-f]{2}:?){19}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
    'a SHA-1 or SHA-256 fingerprint in hex',
  );

/** Values of a secret of type vsphere: a connection to a vCenter. Names are defaults for its clusters. */
export const connectionValues = z.strictObject({
  url: z.url({ protocol: /^https$/, error: 'an https URL such as https://vcenter.example.com' }),
  user: z.string().min(1),
  password: z.string().min(1),
  /** Trust: a pinned certificate, or the authority that signed it; else the public authorities. */
  fingerprint: fingerprint.optional(),
  ca: z.string().includes('-----BEGIN CERTIFICATE-----', 'a PEM certificate').optional(),
  datacenter: z.string().min(1).optional(),
  datastore: z.string().min(1).optional(),
  resourcePool: z.string().min(1).optional(),
  folder: z.string().min(1).optional(),
  defaultNodeTemplate: z.string().min(1).optional(),
  /** Most clones at once in a run. */
  maxConcurrentClones: z.int().min(1).max(64).default(8),
  /** Most nodes of one cluster. */
  maxNodes: z.int().min(1).optional(),
});
export type ConnectionValues = z.infer<typeof connectionValues>;

const publicKey = z
  .string()
  .regex(/^(ssh-(rsa|ed25519)|ecdsa-sha2-nistp\d+|sk-\S+) [A-Za-z0-9+/=]+( [^\n]*)?$/, 'an OpenSSH public key');

/** Values of a secret of type ssh: who may sign in to the nodes. */
export const sshValues = z.strictObject({
  user: z
    .string()
    .regex(/^[a-z_][-a-z0-9_]{0,31}$/, 'a Linux user name')
    .default('slipway'),
  publicKeys: z.array(publicKey).min(1),
});
export type SshValues = z.infer<typeof sshValues>;

const common = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,62}[A-Za-z0-9])?$/, 'letters, digits, ".", "_" and "-", at most 64'),
  tags: z.array(z.string().max(128)).max(32).default([]),
};

/** The body of `POST …/secrets`. */
export const secretBody = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ ...common, type: z.literal('vsphere'), values: connectionValues }),
    z.strictObject({ ...common, type: z.literal('ssh'), values: sshValues }),
  ],
  { error: 'type must be vsphere or ssh' },
);
