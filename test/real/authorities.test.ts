import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { type ClusterCertificates, createClusterCertificates, issueClientCertificate } from '../../lib/pki/index.ts';
import { KUBERNETES_VERSION } from '../../local/kubernetes/binaries.ts';
import { on, succeed } from './machine.ts';

const { leader, certificates } = inject('real');
const DIRECTORY = '/root/authorities';
const PKI = '/etc/kubernetes/pki';
const inside = (path: string) => join(leader.root, DIRECTORY, path);
const openssl = (...args: string[]) => succeed(leader, 'openssl', ...args);

/** Has kubeadm make certificates in a directory, on the authorities that are there. */
async function kubeadmMakes(phases: string[], algorithm: string): Promise<void> {
  const config = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v${KUBERNETES_VERSION}
certificatesDir: ${DIRECTORY}
encryptionAlgorithm: ${algorithm}
`;
  writeFileSync(inside('kubeadm.yaml'), config);
  for (const phase of phases) {
    // Not `kubeadm`, which stands for `kubeadm init` here.
    const command = ['init', 'phase', 'certs', phase, '--config', `${DIRECTORY}/kubeadm.yaml`];
    await succeed(leader, '/opt/kubernetes/kubeadm', ...command);
  }
}

function emptyDirectory(): void {
  rmSync(join(leader.root, DIRECTORY), { recursive: true, force: true });
  mkdirSync(inside('etcd'), { recursive: true });
}

/** What a certificate says of what its key may be used for. */
async function purposeOf(file: string): Promise<string> {
  const all = 'keyUsage,extendedKeyUsage,basicConstraints,nameConstraints,subjectAltName,certificatePolicies';
  return `${await openssl('x509', '-in', file, '-noout', '-ext', all)}${await openssl('x509', '-in', file, '-noout', '-subject')}`;
}

test('our authorities have names, key usage and constraints as those that kubeadm makes', async () => {
  emptyDirectory();
  await kubeadmMakes(['ca', 'etcd-ca', 'front-proxy-ca'], 'ECDSA-P256');
  for (const authority of ['ca', 'etcd/ca', 'front-proxy-ca']) {
    const theirs = await purposeOf(`${DIRECTORY}/${authority}.crt`);
    expect(theirs).toMatch(/Key Usage: critical[\s\S]*Certificate Sign/);
    expect(await purposeOf(`${PKI}/${authority}.crt`), authority).toBe(theirs);
  }
});

test.each([
  ['rsa-2048', 'RSA-2048', /Public-Key: \(2048 bit\)/],
  ['rsa-4096', 'RSA-4096', /Public-Key: \(4096 bit\)/],
] as const)(
  "kubeadm signs with authorities of %s, and openssl and Go's x509 verify the chains",
  async (algorithm, spelt, size) => {
    emptyDirectory();
    const made: ClusterCertificates = await createClusterCertificates({ name: 'rsa', algorithm });
    const files = {
      'ca.crt': made.kubernetesCaCert,
      'ca.key': made.kubernetesCaKey,
      'etcd/ca.crt': made.etcdCaCert,
      'etcd/ca.key': made.etcdCaKey,
      'front-proxy-ca.crt': made.frontProxyCaCert,
      'front-proxy-ca.key': made.frontProxyCaKey,
      'root.crt': made.rootCaCert,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(inside(name), content, { mode: 0o600 });
    const leaves = [
      ['apiserver', 'apiserver', 'ca'],
      ['etcd-server', 'etcd/server', 'etcd/ca'],
      ['front-proxy-client', 'front-proxy-client', 'front-proxy-ca'],
    ] as const;
    await kubeadmMakes(
      leaves.map(([phase]) => phase),
      spelt,
    );
    for (const [, leaf, authority] of leaves) {
      const [crt, ca] = [`${DIRECTORY}/${leaf}.crt`, `${DIRECTORY}/${authority}.crt`];
      const chain = ['-x509_strict', '-CAfile', `${DIRECTORY}/root.crt`, '-untrusted', ca, crt];
      expect(await openssl('verify', ...chain)).toContain('OK');
      expect(await openssl('x509', '-in', crt, '-noout', '-text')).toMatch(size);
    }
    const table = await succeed(
      leader,
      '/opt/kubernetes/kubeadm',
      'certs',
      'check-expiration',
      '--cert-dir',
      DIRECTORY,
    );
    expect(table).toMatch(/^apiserver .*\n[\s\S]*^front-proxy-ca .*no\s*$/m);
    expect(table).not.toMatch(/invalid/i);
  },
);

test("kubeadm's leaves have keys as asked for", async () => {
  for (const leaf of ['apiserver.crt', 'etcd/peer.crt', 'front-proxy-client.crt'])
    expect(await openssl('x509', '-in', `${PKI}/${leaf}`, '-noout', '-text')).toContain('NIST CURVE: P-256');
});

/** Asks a server as a client of one authority, which sends its whole chain. @returns the status, or the error */
async function askAs(chain: string, key: string, port: number, path: string): Promise<number | string> {
  const agent = new Agent({ cert: chain, key, rejectUnauthorized: false });
  return await new Promise((resolve) => {
    request({ host: leader.address, port, path, method: 'POST', agent }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end('{}');
  });
}

/** A client certificate of an authority, under names that are let in everywhere. */
async function clientFrom(caCert: string, caKey: string) {
  const subject = { commonName: 'kube-apiserver-etcd-client', organizations: ['system:masters'], minutes: 10 };
  const { certificate, key } = await issueClientCertificate({ caCert, caKey, ...subject });
  return { chain: certificate + caCert + certificates.rootCaCert, key };
}

test("etcd lets in clients of its own authority alone, not a kubelet's", async () => {
  const own = await clientFrom(certificates.etcdCaCert, certificates.etcdCaKey);
  const kubelets = await clientFrom(certificates.kubernetesCaSigningCert, certificates.kubernetesCaKey);
  expect(await askAs(own.chain, own.key, 2379, '/v3/cluster/member/list')).toBe(200);
  expect(await askAs(kubelets.chain, kubelets.key, 2379, '/v3/cluster/member/list')).toMatch(/ERR_SSL|ECONNRESET/);
});

test('the API server lets in clients of its own authority alone, not of etcd’s or of the front proxy’s', async () => {
  const review = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const own = await clientFrom(certificates.kubernetesCaSigningCert, certificates.kubernetesCaKey);
  expect(await askAs(own.chain, own.key, 6443, review)).not.toBe(401);
  for (const [caCert, caKey] of [
    [certificates.etcdCaCert, certificates.etcdCaKey],
    [certificates.frontProxyCaCert, certificates.frontProxyCaKey],
  ] as const) {
    const { chain, key } = await clientFrom(caCert, caKey);
    expect(await askAs(chain, key, 6443, review)).toBe(401);
  }
});

test('the controllers and pods are told the root, too: clients that take no authority without it find one', async () => {
  const { code, output } = await on(leader, 'openssl', 'verify', '-CAfile', `${PKI}/ca.crt`, `${PKI}/apiserver.crt`);
  expect([code, output]).toEqual([0, expect.stringContaining('OK')]);
});
