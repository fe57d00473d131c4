import { X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';

/** Printable, without what a configuration file or a command line might take for more than text. */
const word = z.string().check(z.regex(/^[^\s"'\\`$]{1,256}$/, 'up to 256 characters without spaces, quotes, \\ and $'));

/**
 * What names of users and groups get before them. It ends with a colon and is none that Kubernetes or Slipway has meaning for, so
 * that no issuer can name a group system:masters or slipway:admin.
 */
const prefix = z
  .string()
  .check(
    z.regex(
      /^(?!(system|slipway|kubeadm|bootstrap|node)\b)[a-z0-9][-a-z0-9._]{0,62}:$/i,
      'letters and digits with a colon at the end, such as oidc: (not system:, kubeadm: or slipway:)',
    ),
  );

const certificates = z.string().check(
  z.maxLength(16_384),
  z.refine((text) => isCertificate(text), 'certificates in PEM, and nothing else'),
);

function isCertificate(text: string): boolean {
  const pems = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*/g) ?? [];
  if (pems.length === 0 || pems.join('') !== text.trimStart()) return false;
  try {
    return pems.every((pem) => new X509Certificate(pem));
  } catch {
    return false;
  }
}

/** Which OpenID Connect issuer the API server trusts for users, and what it takes from their tokens. */
export const oidc = z.discriminatedUnion('enabled', [
  z.strictObject({ enabled: z.literal(false) }),
  z.strictObject({
    enabled: z.literal(true),
    issuerUrl: z
      .url({ protocol: /^https$/, error: 'an https URL' })
      .check(z.regex(/^[^\s?#"'\\`$]{1,1024}$/, 'without query, fragment, quotes and spaces')),
    clientId: word,
    /** PEM of the authorities of the issuer, where the nodes do not know them. */
    ca: z.optional(certificates),
    usernameClaim: z._default(word, 'sub'),
    usernamePrefix: z._default(prefix, 'oidc:'),
    groupsClaim: z._default(word, 'groups'),
    groupsPrefix: z._default(prefix, 'oidc:'),
    /** Groups of the issuer, without the prefix, whose members administer the cluster. */
    admins: z._default(z.array(word).check(z.maxLength(20)), []),
  }),
]);
