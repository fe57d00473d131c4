import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Guest, kubeadm } from './kubeadm.ts';
import { type PkeCall, PkeClient } from './pke-client.ts';

/** Where pke writes what it fetched. */
const PKI = {
  etcdCaCert: 'etcd/ca.crt',
  etcdCaKey: 'etcd/ca.key',
  kubernetesCaSigningCert: 'cm-signing-ca.crt',
  kubernetesCaCert: 'ca.crt',
  kubernetesCaKey: 'ca.key',
  frontProxyCaCert: 'front-proxy-ca.crt',
  frontProxyCaKey: 'front-proxy-ca.key',
  saPub: 'sa.pub',
  saKey: 'sa.key',
} as const;

/**
 * What `pke install master` and `pke install worker` do, as far as Slipway sees it: the calls in the program's order, with the
 * phases that it reports around them, and kubeadm with a configuration as it writes it.
 * @param args the program's, after its name
 * @returns the calls that it made
 * @throws Error, told before as the program tells it
 */
export async function pke([install, role, ...rest]: string[], guest: Guest): Promise<PkeCall[]> {
  const flags = parse(rest);
  if (install !== 'install' || (role !== 'master' && role !== 'worker')) throw new Error(`unknown command ${role}`);
  const client = new PkeClient({
    url: flags('pipeline-url'),
    token: flags('pipeline-token'),
    organization: Number(flags('pipeline-org-id')),
    cluster: Number(flags('pipeline-cluster-id')),
    pool: flags('pipeline-nodepool'),
    hostname: guest.name,
    ip: guest.address,
  });
  if (flags('kubernetes-infrastructure-cidr') !== `${guest.address}/32`) {
    throw new Error(`cidr "${flags('kubernetes-infrastructure-cidr')}" does not contain ip "${guest.address}"`);
  }
  await reported(client, role, true, async () => {
    const phase = (name: string, run = async () => {}) => reported(client, name, false, run);
    await phase('kubernetes-version', async () => {
      if (!/^1\.(19|2[0-3])\./.test(flags('kubernetes-version'))) throw new Error('unsupported kubernetes version');
    });
    await phase('container-runtime');
    await phase('kubernetes-runtime');
    if (role === 'master') {
      await phase('pipeline-certificates', () => fetchCertificates(client, guest));
      await phase('kubernetes-controlplane', () => controlPlane(client, flags, guest));
    } else {
      await phase('kubernetes-node', () => join_(client, guest));
    }
    await phase('pipeline-ready', () =>
      client.ready(role === 'master' ? readFileSync(kubernetes(guest, 'admin.conf'), 'utf8') : undefined),
    );
  });
  return client.calls;
}

type Flags = (name: string) => string;

/** Flags by their names; the last of a name counts. Those that pke does not know it refuses. */
function parse(args: string[]): Flags {
  const given = new Map(
    args.map((arg) => {
      const [, name = '', value = ''] = /^--([-a-z0-9]+)=(.*)$/s.exec(arg) ?? [];
      if (!KNOWN.test(name)) throw new Error(`unknown flag: ${arg}`);
      return [name, value];
    }),
  );
  return (name) => given.get(name) ?? '';
}

const KNOWN =
  /^(pipeline-(url|token|org-id|cluster-id|nodepool|insecure)|kubernetes-(cluster-name|advertise-address|api-server|api-server-cert-sans|infrastructure-cidr|version|master-mode|network-provider|service-cidr|pod-network-cidr|node-labels|cloud-provider|mtu)|vsphere-(server|port|fingerprint|datacenter|datastore|resourcepool|folder|username|password)|lb-range|taints|image-repository)$/;

const kubernetes = (guest: Guest, file: string) => join(guest.rootfs, 'etc/kubernetes', file);

/** Runs a phase, and reports that it starts and how it ends. */
async function reported(client: PkeClient, phase: string, final: boolean, run: () => Promise<void>): Promise<void> {
  await client.report(phase, 'running', 'starting');
  try {
    await run();
  } catch (error) {
    await client.report(phase, 'failed', error instanceof Error ? error.message : String(error), final);
    throw error;
  }
  await client.report(phase, 'finished', 'success', final);
}

async function fetchCertificates(client: PkeClient, guest: Guest): Promise<void> {
  const values = await client.certificates();
  for (const [name, file] of Object.entries(PKI)) write(guest, `pki/${file}`, String(values[name]));
}

function write(guest: Guest, file: string, text: string): void {
  mkdirSync(dirname(kubernetes(guest, file)), { recursive: true });
  writeFileSync(kubernetes(guest, file), text, { mode: 0o600 });
}

async function controlPlane(client: PkeClient, flags: Flags, guest: Guest): Promise<void> {
  if (flags('kubernetes-master-mode') === 'ha' && !(await client.lead())) {
    await client.awaitMaster();
    await join_(client, guest, true);
    write(guest, 'admin.conf', 'stand-in');
    return;
  }
  const certSANs = flags('kubernetes-api-server-cert-sans').split(',');
  const [init, cluster] = [{ kind: 'InitConfiguration' }, { kind: 'ClusterConfiguration', apiServer: { certSANs } }];
  await kubeadm('init', configuration(init, cluster), guest);
}

async function join_(client: PkeClient, guest: Guest, controlPlane = false): Promise<void> {
  const { address: apiServerEndpoint, token, hash } = await client.bootstrap();
  const discovery = { bootstrapToken: { apiServerEndpoint, token, caCertHashes: [hash] } };
  const join = { kind: 'JoinConfiguration', discovery, ...(controlPlane && { controlPlane: {} }) };
  mkdirSync(kubernetes(guest, ''), { recursive: true });
  await kubeadm('join', configuration(join), guest);
}

/** Documents of the version that the kubeadm of pke's Kubernetes reads. JSON is YAML. */
const configuration = (...documents: object[]) =>
  documents.map((each) => JSON.stringify({ apiVersion: 'kubeadm.k8s.io/v1beta3', ...each })).join('\n---\n');
