import { randomBytes } from 'node:crypto';
import { certificate, type Name } from './asn1.ts';
import { type Algorithm, createKeyPair, type KeyPair, privatePem } from './keys.ts';

/** Clocks of nodes and of this side may differ by so much. */
const SKEW_MS = 5 * 60_000;
const YEAR_MS = 365.25 * 86_400_000;

/** The values of a `pkecert` secret, all PEM but `enc`: a base64 32-byte key for Secret encryption at rest. */
export interface ClusterCertificates {
  rootCaCert: string;
  /** The signing CA and its root: verifiers that want a chain to a self-signed root find one. */
  kubernetesCaCert: string;
  kubernetesCaKey: string;
  /** The signing CA alone. */
  kubernetesCaSigningCert: string;
  /**
   * Alone, as frontProxyCaCert: whoever trusts the root would let in clients of each of its authorities, the kubelets' among them.
   */
  etcdCaCert: string;
  etcdCaKey: string;
  frontProxyCaCert: string;
  frontProxyCaKey: string;
  saPub: string;
  saKey: string;
  enc: string;
}

/**
 * Makes the authorities of a cluster: kubernetes, etcd and front-proxy under one root, and the service-account key. The root's
 * key is dropped, unless it is to be kept. See "PKI certificates and requirements" in the Kubernetes documentation.
 *
 * @param options.name the cluster's name, in the root's common name
 * @param options.algorithm of every key; ECDSA P-256 unless told otherwise
 * @param options.validityYears of the authorities, from five minutes ago on
 * @returns `rootCaKey` only with `keepRootKey`: no node needs it
 */
export async function createClusterCertificates({
  name,
  algorithm = 'ecdsa-p256',
  validityYears = 10,
  keepRootKey = false,
}: {
  name: string;
  algorithm?: Algorithm;
  validityYears?: number;
  keepRootKey?: boolean;
}): Promise<ClusterCertificates & { rootCaKey?: string }> {
  const now = Date.now();
  const validity = { notBefore: new Date(now - SKEW_MS), notAfter: new Date(now + validityYears * YEAR_MS) };
  const [root, kubernetes, etcd, frontProxy, serviceAccount] = (await Promise.all(
    Array.from({ length: 5 }, () => createKeyPair(algorithm)),
  )) as [KeyPair, KeyPair, KeyPair, KeyPair, KeyPair];

  const rootName: Name = { commonName: `${name}-root-ca` };
  const rootCaCert = certificate({ subject: rootName, ...validity, ca: true }, root.publicKey, root.privateKey);
  const issue = (commonName: string, { publicKey }: KeyPair) =>
    certificate(
      { subject: { commonName }, issuer: { subject: rootName, publicKey: root.publicKey }, ...validity, ca: true },
      publicKey,
      root.privateKey,
    );
  const signing = issue('kubernetes', kubernetes);
  return {
    rootCaCert,
    kubernetesCaCert: signing + rootCaCert,
    kubernetesCaKey: privatePem(kubernetes.privateKey),
    kubernetesCaSigningCert: signing,
    etcdCaCert: issue('etcd-ca', etcd),
    etcdCaKey: privatePem(etcd.privateKey),
    frontProxyCaCert: issue('front-proxy-ca', frontProxy),
    frontProxyCaKey: privatePem(frontProxy.privateKey),
    saPub: serviceAccount.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    saKey: privatePem(serviceAccount.privateKey),
    enc: randomBytes(32).toString('base64'),
    ...(keepRootKey && { rootCaKey: privatePem(root.privateKey) }),
  };
}
