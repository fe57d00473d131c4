import { execFileSync } from 'node:child_process';
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
