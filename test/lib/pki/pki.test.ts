import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ClusterCertificates,
  caCertHash,
  createClusterCertificates,
  deriveBootstrapToken,
  issueClientCertificate,
} from '../../../lib/pki/index.ts';

describe.each(['ecdsa-p256', 'rsa-2048'] as const)('the certificates of a cluster (%s)', (algorithm) => {
  let directory: string;
  let all: ClusterCertificates;
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-pki-'));
    all = await createClusterCertificates({ name: 'demo', algorithm });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each(['kubernetesCaSigningCert', 'etcdCaCert', 'frontProxyCaCert'] as const)(
    'openssl verifies %s under the root',
    (name) => {
      expect(
        openssl('verify', '-x509_strict', '-CAfile', file('root.pem', all.rootCaCert), file('ca.pem', all[name])),
      ).toContain('OK');
    },
  );

  test.each(['etcdCaCert', 'frontProxyCaCert'] as const)('%s is alone: the root in it would let in all', (name) => {
    expect(all[name].match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  });

  test('openssl verifies a client certificate as one for clients, and not for servers', async () => {
    const { certificate } = await issueClientCertificate({
      caCert: all.kubernetesCaSigningCert,
      caKey: all.kubernetesCaKey,
      commonName: 'x',
      organizations: ['slipway:admin'],
      minutes: 10,
    });
    const verify = (purpose: string) =>
      openssl(
        'verify',
        '-x509_strict',
        '-CAfile',
        file('root.pem', all.rootCaCert),
        '-untrusted',
        file('ca.pem', all.kubernetesCaSigningCert),
        '-purpose',
        purpose,
        file('client.pem', certificate),
      );
    expect(verify('sslclient')).toContain('OK');
    expect(() => verify('sslserver')).toThrow();
  });

  test('a client certificate of one authority is refused by another', async () => {
    const { certificate } = await issueClientCertificate({
      caCert: all.etcdCaCert,
      caKey: all.etcdCaKey,
      commonName: 'x',
      organizations: [],
      minutes: 10,
    });
    expect(() =>
      openssl(
        'verify',
        '-partial_chain',
        '-CAfile',
        file('ca.pem', all.kubernetesCaSigningCert),
        file('client.pem', certificate),
      ),
    ).toThrow();
  });

  test('the hash of the CA is that of its public key', () => {
    const key = openssl('x509', '-in', file('ca.pem', all.kubernetesCaCert), '-noout', '-pubkey');
    const der = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'der'], { input: key });
    const digest = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: der, encoding: 'utf8' }).split(' ')[0];
    expect(caCertHash(all.kubernetesCaCert)).toBe(`sha256:${digest}`);
  });
});

const PEMS = ['rootCaCert', 'kubernetesCaSigningCert', 'etcdCaCert', 'frontProxyCaCert'] as const;

test('authorities are good for as many years as asked for, from five minutes ago on, under random serials', async () => {
  const serials = new Set<string>();
  for (const validityYears of [1, 10, 30]) {
    const before = Date.now();
    const made = await createClusterCertificates({ name: 'years', validityYears });
    for (const name of PEMS) {
      const { validFrom, validTo, serialNumber } = new X509Certificate(made[name]);
      const begins = Date.parse(validFrom);
      // Certificates have whole seconds.
      expect(begins).toBeGreaterThanOrEqual(before - 301_000);
      expect(begins).toBeLessThanOrEqual(Date.now() - 300_000);
      expect((Date.parse(validTo) - begins) / (365.25 * 86_400_000)).toBeCloseTo(validityYears, 3);
      // 16 bytes, positive (RFC 5280, 4.1.2.2).
      expect(serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      serials.add(serialNumber);
    }
  }
  expect(serials.size).toBe(12);
});

test('the root’s key is there only where it was asked for, and is the root’s', async () => {
  expect(await createClusterCertificates({ name: 'dropped' })).not.toHaveProperty('rootCaKey');
  const { rootCaKey = '', rootCaCert } = await createClusterCertificates({ name: 'kept', keepRootKey: true });
  expect(new X509Certificate(rootCaCert).checkPrivateKey(createPrivateKey(rootCaKey))).toBe(true);
});

test('a bootstrap token has kubeadm’s form, is the same each time, and another for each node', () => {
  const seed = Buffer.alloc(32, 7).toString('base64');
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const token = deriveBootstrapToken(seed, a);
      expect(`${token.id}.${token.secret}`).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
      expect(deriveBootstrapToken(seed, a)).toEqual(token);
      if (a !== b) expect(deriveBootstrapToken(seed, b)).not.toEqual(token);
    }),
  );
});
