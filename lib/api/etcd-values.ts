import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';

/** The certificates of a PEM text, in order. @throws Error where one of them is none */
function certificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('there is none');
  return blocks.map((block) => new X509Certificate(block));
}

/** What `read` makes of a text; undefined where it throws. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const pem = z.string().check(z.minLength(1), z.maxLength(32_768));

/**
 * Values of a secret of type etcd, all PEM: what opens an etcd of one's own. `ca` may hold several certificates, `certificate` a
 * chain that begins with the client's own.
 */
export const etcdValues = z.strictObject({ ca: pem, certificate: pem, key: pem }).check(
  z.superRefine(({ ca, certificate, key }, context) => {
    const issue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const over = (all: X509Certificate[]) => all.find(({ validTo }) => Date.parse(validTo) <= Date.now());
    const read = { ca: tried(() => certificates(ca)), certificate: tried(() => certificates(certificate)) };
    for (const [field, all] of Object.entries(read)) {
      if (!all) issue(field, 'PEM certificates (BEGIN CERTIFICATE)');
      else if (over(all)) issue(field, `expired on ${over(all)?.validTo}`);
    }
    const privateKey: KeyObject | undefined = tried(() => createPrivateKey(key));
    if (!privateKey) issue('key', 'a private key in PEM, without a passphrase');
    else if (read.certificate && !read.certificate[0]?.checkPrivateKey(privateKey))
      issue('key', 'not the key of the certificate');
  }),
);
export type EtcdValues = z.infer<typeof etcdValues>;
