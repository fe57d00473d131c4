import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { startApiServer, startEtcd } from './api-server.ts';
import { serverCertificate } from './certificate.ts';
import { EtcdMember } from './etcd-member.ts';
import { type ExternalEtcd, writeKey } from './external-etcd.ts';
import { Objects } from './objects.ts';

/** The guest that kubeadm is run on. */
export interface Guest {
  name: string;
  address: string;
  rootfs: string;
  /** Where what a cluster's etcd would hold is kept. */
  shared: string;
}

const PKI = ['ca.crt', 'ca.key', 'etcd/ca.crt', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.pub', 'sa.key'];
/** Where etcd is on the node, and where it is elsewhere. */
const ETCD_PKI = { stacked: ['etcd/ca.key'], external: ['apiserver-etcd-client.crt', 'apiserver-etcd-client.key'] };

/** Ours, and pke's, whose Kubernetes is older. */
const VERSIONS = ['kubeadm.k8s.io/v1beta4', 'kubeadm.k8s.io/v1beta3'];

/** What `kubeadm init` and `kubeadm join` leave behind on a healthy machine, as far as Slipway sees it. @throws Error */
export async function kubeadm(command: string, config: string, guest: Guest): Promise<void> {
  const documents = parseAllDocuments(config).map((document) => document.toJSON());
  if (documents.some(({ apiVersion }) => !VERSIONS.includes(apiVersion)))
    throw new Error(`the configuration is not ${VERSIONS.join(' or ')}`);
  if (command === 'init') await init(documents[1], guest);
  else if (command === 'join') await join_(documents[0], guest);
  else if (command === 'init-etcd-local') startMember(documents[1], guest);
  else if (!command.startsWith('init-certs-etcd-')) throw new Error(`there is no kubeadm ${command}`);
}

const kubernetes = (guest: Guest, file: string) => join(guest.rootfs, 'etc/kubernetes', file);
const nodeObject = (name: string, address: string) => ({
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

interface Argument {
  name: string;
  value: string;
}
interface ClusterConfiguration {
  apiServer: { certSANs: string[]; extraArgs?: Argument[] };
  etcd?: { external?: { endpoints: string[] }; local?: { extraArgs?: Argument[] } };
}

const argument = (all: readonly Argument[] | undefined, name: string) => all?.find((each) => each.name === name)?.value;

/** What the API servers of a cluster have in common. */
interface Common {
  certSANs: string[];
  etcd?: ExternalEtcd;
}

async function init({ apiServer, etcd }: ClusterConfiguration, guest: Guest): Promise<void> {
  const prefix = argument(apiServer.extraArgs, 'etcd-prefix') ?? '/registry';
  const external = etcd?.external && { endpoints: etcd.external.endpoints, prefix };
  if (external) await writeKey(guest.rootfs, external, `masterleases/${guest.address}`);
  const objects = serve(guest, { certSANs: apiServer.certSANs, etcd: external });
  objects.put('nodes', guest.name, nodeObject(guest.name, guest.address));
  writeFileSync(kubernetes(guest, 'admin.conf'), 'stand-in', { mode: 0o600 });
  writeFileSync(kubernetes(guest, 'kubelet.conf'), 'stand-in', { mode: 0o600 });
}

const path = (guest: Guest, file: string) => kubernetes(guest, `pki/${file}`);

const ETCD_MANIFEST = 'manifests/etcd.yaml';

/** Starts a member of an etcd cluster. @throws Error where the others did not let it in */
function startMember({ etcd }: ClusterConfiguration, guest: Guest): void {
  const member = memberOf(guest);
  member.join(guest.name, guest.address, argument(etcd?.local?.extraArgs, 'initial-cluster-state') ?? 'new');
  listen(guest, member);
  writeFileSync(kubernetes(guest, ETCD_MANIFEST), 'stand-in');
}

const memberOf = (guest: Guest) =>
  new EtcdMember(new Objects(guest.shared, readFileSync(path(guest, 'etcd/ca.crt'), 'utf8')));

function listen(guest: Guest, member: EtcdMember): void {
  const [ca, key] = [path(guest, 'etcd/ca.crt'), path(guest, 'etcd/ca.key')];
  member.listen(
    guest.address,
    serverCertificate(kubernetes(guest, 'pki/made'), 'etcd', ca, key, [guest.address, guest.name]),
  );
}

/** Says that the guest is a part of its control plane, as the static pod manifests would. */
const MANIFEST = 'manifests/kube-apiserver.yaml';
let serving: Objects | undefined;

/** Starts what the guest ran before it was switched off. */
export function resumeControlPlane(guest: Guest): void {
  if (existsSync(kubernetes(guest, MANIFEST))) serve(guest);
  if (existsSync(kubernetes(guest, ETCD_MANIFEST))) listen(guest, memberOf(guest));
}

/**
 * Starts the guest's part of the control plane.
 * @param common what the leader has configured, which the others find in the cluster
 */
function serve(guest: Guest, common?: Common): Objects {
  if (serving) return serving;
  const objects = new Objects(guest.shared, readFileSync(path(guest, 'ca.crt'), 'utf8'));
  if (common) objects.put('configmaps', 'kubeadm-config', common);
  const configured = commonOf(objects);
  const needed = [...PKI, ...ETCD_PKI[configured?.etcd ? 'external' : 'stacked']];
  const missing = needed.filter((file) => !existsSync(path(guest, file)));
  if (missing.length > 0) throw new Error(`missing in /etc/kubernetes/pki: ${missing.join(', ')}`);
  const made = kubernetes(guest, 'pki/made');
  const names = [guest.address, ...(configured?.certSANs ?? [])];
  const certificate = serverCertificate(made, 'apiserver', path(guest, 'ca.crt'), path(guest, 'ca.key'), names);
  startApiServer(guest.address, certificate, objects);
  if (!configured?.etcd) {
    const [ca, key] = [path(guest, 'etcd/ca.crt'), path(guest, 'etcd/ca.key')];
    startEtcd(guest.address, serverCertificate(made, 'etcd', ca, key, [guest.address]), objects);
    objects.put('members', guest.name, { ID: guest.name, name: guest.name });
  }
  mkdirSync(kubernetes(guest, 'manifests'), { recursive: true });
  writeFileSync(kubernetes(guest, MANIFEST), 'stand-in');
  serving = objects;
  return objects;
}

const commonOf = (objects: Objects) => objects.get('configmaps', 'kubeadm-config') as unknown as Common | undefined;

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
  if (config.controlPlane) {
    const { etcd } = commonOf(new Objects(guest.shared, readFileSync(path(guest, 'ca.crt'), 'utf8'))) ?? {};
    if (etcd) await writeKey(guest.rootfs, etcd, `masterleases/${guest.address}`);
    serve(guest);
  }
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
