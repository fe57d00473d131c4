import * as z from 'zod/mini';

const url = z.url({ protocol: /^https?$/, error: 'a URL with http or https' });
/** As gpg writes it with --with-colons. */
const fingerprint = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text) => text.replaceAll(' ', '').toUpperCase()),
  ),
  z
    .string()
    .check(z.regex(/^([0-9A-F]{40}|[0-9A-F]{64})$/, 'the fingerprint of an OpenPGP key, 40 or 64 hexadecimal digits')),
);

/** Repositories of one kind of software, and the key that signs their packages. */
const fields = {
  apt: z.optional(url),
  dnf: z.optional(url),
  key: z.optional(url),
  fingerprint: z.optional(fingerprint),
};
type Repositories = z.infer<z.ZodMiniObject<typeof fields>>;

/** A key that comes in clear may be anybody's, unless its fingerprint is known. */
const isTrusted = (key: string | undefined, { fingerprint: known }: Repositories) =>
  known !== undefined || key === undefined || key.startsWith('https:');

const kubernetes = z.strictObject(fields).check(
  z.refine(({ apt, dnf }) => apt || dnf, { path: ['apt'], error: 'at least one of apt and dnf' }),
  z.refine(
    (value) =>
      isTrusted(value.key, value) && (value.key || [value.apt, value.dnf].every((each) => isTrusted(each, value))),
    {
      path: ['fingerprint'],
      error: 'the fingerprint of the key, for it does not come by https',
    },
  ),
);

const containerd = z.strictObject(fields).check(
  z.refine(({ apt, dnf }) => apt || dnf, { path: ['apt'], error: 'at least one of apt and dnf' }),
  z.refine(({ key }) => key, { path: ['key'], error: 'the URL of the key that signs the packages' }),
  z.refine((value) => isTrusted(value.key, value), {
    path: ['fingerprint'],
    error: 'the fingerprint of the key, for it does not come by https',
  }),
);

/**
 * Where a node gets what its image lacks: Kubernetes' own packages of the cluster's minor version (whose key is found where the project
 * keeps it, unless it is named), and containerd.io.
 */
export const packages = z.strictObject({ kubernetes, containerd: z.optional(containerd) });
export type Packages = z.infer<typeof packages>;
