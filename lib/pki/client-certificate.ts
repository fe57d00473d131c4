import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { certificate } from './asn1.ts';
import { createKeyPair, privatePem } from './keys.ts';

const SKEW_MS = 5 * 60_000;

/**
 * Issues a client certificate: Kubernetes takes the common name for the user, the organizations for its groups.
 *
 * @param options.caCert PEM of the authority that signs; only the first certificate is read
 * @param options.minutes how long it is good for from now on
 * @returns PEM of the certificate and of its key
 */
export async function issueClientCertificate(options: {
  caCert: string;
  caKey: string;
  commonName: string;
  organizations: readonly string[];
  minutes: number;
}): Promise<{ certificate: string; key: string }> {
  const { caCert, caKey, commonName, organizations, minutes } = options;
  const { publicKey, privateKey } = await createKeyPair('ecdsa-p256');
  const issuer = { commonName: /^CN=(.*)$/m.exec(new X509Certificate(caCert).subject)?.[1] ?? '' };
  const now = Date.now();
  const template = {
    subject: { commonName, organizations },
    issuer: { subject: issuer, publicKey: createPublicKey(caCert) },
    notBefore: new Date(now - SKEW_MS),
    notAfter: new Date(now + minutes * 60_000),
    ca: false,
  };
  return { certificate: certificate(template, publicKey, createPrivateKey(caKey)), key: privatePem(privateKey) };
}

/**
 * Issues a certificate that lets its holder speak to etcd's JSON gateway. It names nobody: who signs in there counts, and where
 * users are on, the gateway refuses certificates that have a common name.
 */
export async function issueGatewayCertificate(
  { etcdCaCert: caCert, etcdCaKey: caKey }: { etcdCaCert: string; etcdCaKey: string },
  minutes: number,
): Promise<{ certificate: string; key: string }> {
  return await issueClientCertificate({ caCert, caKey, commonName: '', organizations: ['slipway:etcd'], minutes });
}
