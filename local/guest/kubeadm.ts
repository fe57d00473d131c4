import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { startApiServer, startEtcd } from './api-server.ts';
import { serverCertificate } from './certificate.ts';
import { Objects } from './objects.ts';

/** The guest that kubeadm is run on. */
export interface Guest {
  name: string;
  address: string;
  rootfs: string;
  /** Where what a cluster's etcd would hold is kept. */
  shared: string;
}

const PKI = [
  'ca.crt',
  'ca.key',
  'etcd/ca.crt',
  'etcd/ca.key',
  'front-proxy-ca.crt',
  'front-proxy-ca.key',
  'sa.pub',
  'sa.key',
];

/** Ours, and pke's, whose Kubernetes is older. */
const VERSIONS = ['kubeadm.k8s.io/v1beta4', 'kubeadm.k8s.io/v1beta3'];

/** What `kubeadm init` and `kubeadm join` leave behind on a healthy machine, as far as Slipway sees it. @throws Error */
export async function kubeadm(command: string, config: string, guest: Guest): Promise<void> {
  const documents = parseAllDocuments(config).map((document) => document.toJSON());
  if (documents.some(({ apiVersion }) => !VERSIONS.includes(apiVersion)))
    throw new Error(`the configuration is not ${VERSIONS.join(' or ')}`);
  if (command === 'init') init(documents[1], guest);
  else await join_(documents[0], guest);
}

const kubernetes = (guest: Guest, file: string) => join(guest.rootfs, 'etc/kubernetes', file);
const nodeObject = (name: string, address: string) => ({
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

interface ClusterConfiguration {
  apiServer: { certSANs: string[] };
}

function init({ apiServer }: ClusterConfiguration, guest: Guest): void {
  const objects = serve(guest, apiServer.certSANs);
  objects.put('nodes', guest.name, nodeObject(guest.name, guest.address));
  writeFileSync(kubernetes(guest, 'admin.conf'), 'stand-in', { mode: 0o600 });
  writeFileSync(kubernetes(guest, 'kubelet.conf'), 'stand-in', { mode: 0o600 });
}

/** Says that the guest is a part of its control plane, as the static pod manifests would. */
const MANIFEST = 'manifests/kube-apiserver.yaml';
let serving: Objects | undefined;

/** Starts what the guest ran before it was switched off. */
export function resumeControlPlane(guest: Guest): void {
  if (existsSync(kubernetes(guest, MANIFEST))) serve(guest);
}

/**
 * Starts the guest's part of the control plane.
 * @param certSANs those of the configuration, which the others find in the cluster
 */
function serve(guest: Guest, certSANs?: string[]): Objects {
  if (serving) return serving;
  const missing = PKI.filter((file) => !existsSync(kubernetes(guest, `pki/${file}`)));
  if (missing.length > 0) throw new Error(`missing in /etc/kubernetes/pki: ${missing.join(', ')}`);
  const path = (file: string) => kubernetes(guest, `pki/${file}`);
  const objects = new Objects(guest.shared, readFileSync(path('ca.crt'), 'utf8'));
  const made = kubernetes(guest, 'pki/made');
  if (certSANs) objects.put('configmaps', 'kubeadm-config', { certSANs });
  const configured = objects.get('configmaps', 'kubeadm-config') as { certSANs: string[] } | undefined;
  const names = [guest.address, ...(configured?.certSANs ?? [])];
  startApiServer(guest.address, serverCertificate(made, 'apiserver', path('ca.crt'), path('ca.key'), names), objects);
  startEtcd(
    guest.address,
    serverCertificate(made, 'etcd', path('etcd/ca.crt'), path('etcd/ca.key'), [guest.address]),
    objects,
  );
  objects.put('members', guest.name, { ID: guest.name, name: guest.name });
  mkdirSync(kubernetes(guest, 'manifests'), { recursive: true });
  writeFileSync(kubernetes(guest, MANIFEST), 'stand-in');
  serving = objects;
  return objects;
}

interface JoinConfiguration {
  controlPlane?: unknown;
  discovery: { bootstrapToken: { token: string; apiServerEndpoint: string; caCertHashes: string[] } };
}

async function join_(config: JoinConfiguration, guest: Guest): Promise<void> {
  const { token, apiServerEndpoint, caCertHashes } = config.discovery.bootstrapToken;
  const { body } = await call('GET', apiServerEndpoint, '/api/v1/namespaces/kube-public/configmaps/cluster-info');
  const { publicKey } = new X509Certificate(JSON.parse(body).data.ca);
  const hash = `sha256:${createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;
  if (!caCertHashes.includes(hash))
    throw new Error(`the cluster's CA has the hash ${hash}, not ${caCertHashes.join(', ')}`);
  const joined = await call('POST', apiServerEndpoint, '/api/v1/nodes', token, nodeObject(guest.name, guest.address));
  if (joined.status !== 201 && joined.status !== 409)
    throw new Error(`${apiServerEndpoint} refuses the bootstrap token: ${joined.body}`);
  if (config.controlPlane) serve(guest);
  writeFileSync(kubernetes(guest, 'kubelet.conf'), 'stand-in', { mode: 0o600 });
}

function call(
  method: string,
  endpoint: string,
  path: string,
  token?: string,
  body?: unknown,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const sent = request(
      `https://${endpoint}${path}`,
      { method, headers, rejectUnauthorized: false, timeout: 10_000 },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}
