import type { NodeAddon } from '../addons/index.ts';
import type { Packages } from '../cluster/packages.ts';
import { addonFiles } from './addon-files.ts';
import addonFunctions from './addons.sh';
import cloudProviderFunctions from './cloud-provider.sh';
import endpointFunctions from './endpoint.sh';
import etcdMemberFunctions from './etcd-member.sh';
import externalEtcdFunctions from './external-etcd.sh';
import kubeadmFunctions from './kubeadm.sh';
import program from './node-program.sh';
import { NODE_UNIT } from './node-unit.ts';
import { OIDC_CA_FILE, type OidcDescription, oidcArguments } from './oidc.ts';
import { packageFiles } from './packages.ts';
import pkeFunctions from './pke.sh';
import { type PkeInstallation, type PkeVsphere, pkeCommand, pkeEnvironment } from './pke.ts';
import proxyFunctions from './proxy.sh';
import { assignments } from './quote.ts';
import { rbac } from './rbac.ts';
import virtualIpProgram from './virtual-ip.sh';

/** An etcd elsewhere, as control-plane nodes are told of it. What opens it they fetch with the certificates. */
export interface ExternalEtcdDescription {
  /** URLs, such as https://10.0.0.5:2379. */
  endpoints: readonly string[];
  /** One path segment, such as /shop. */
  prefix: string;
  /** Addresses of the hosts that the endpoints name, where no DNS has them. */
  hosts?: readonly { name: string; address: string }[];
  /** Whether etcd drops old revisions by itself: then the API servers leave it alone. */
  compacts?: boolean;
}

/** What a node is told of itself and its cluster. */
export interface NodeDescription {
  node: {
    name: string;
    pool: string;
    role: 'master' | 'worker' | 'etcd';
    labels: Record<string, string>;
    /** Whether a control-plane node runs workloads too. */
    runsWorkloads?: boolean;
    /** The address that its metadata gives it. */
    address?: string;
  };
  cluster: {
    id: number;
    organization: number;
    name: string;
    kubernetesVersion: string;
    serviceCIDR: string;
    podCIDR: string;
    /** Where users sign in. */
    oidc?: OidcDescription;
    /** Of the keys that kubeadm makes; its own default where it is left out. */
    keyAlgorithm?: 'ecdsa-p256' | 'rsa-2048' | 'rsa-4096';
    /** `host:port` of the API server, where the cluster has an endpoint of its own. */
    endpoint?: string;
    /** The endpoint's address where the control-plane nodes hold it among themselves, and VRRP's number of it. */
    virtualIp?: { address: string; routerId: number };
    /** Where etcd is, if not on the control-plane nodes. */
    etcd?: ExternalEtcdDescription;
    /** Package repositories, from which a node installs what its image lacks. */
    packages?: Packages;
    /** Proxies by their URLs, with the password if they ask for one; `exceptions` are reached directly. */
    proxy?: { http?: string; https?: string; exceptions: readonly string[] };
    /** What tells Kubernetes of the nodes' VMs; without one nobody does. */
    cloudProvider?: 'vsphere';
    /** The add-ons in their order, and where their manifests are taken from instead of their public sources. */
    addons?: { list: readonly NodeAddon[]; mirror?: string };
  };
  /** Where pke makes the node, not kubeadm alone: its command line, and where to get it if the image has none. */
  pke?: { installation: PkeInstallation; vsphere: PkeVsphere; url?: string; sha256?: string };
  apiUrl: string;
  /** The node's token: the only secret in its user data, besides a proxy's password. */
  token: string;
  ssh: { user: string; keys: readonly string[] };
}

function environment({ node, cluster, apiUrl }: NodeDescription): string {
  const variables = {
    API_URL: apiUrl,
    ORGANIZATION: String(cluster.organization),
    CLUSTER_ID: String(cluster.id),
    CLUSTER_NAME: cluster.name,
    NODE_NAME: node.name,
    NODE_POOL: node.pool,
    NODE_ROLE: node.role,
    NODE_LABELS: Object.entries({ 'slipway/pool': node.pool, ...node.labels })
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    KUBERNETES_VERSION: cluster.kubernetesVersion,
    SERVICE_CIDR: cluster.serviceCIDR,
    POD_CIDR: cluster.podCIDR,
    // As kubeadm spells it.
    KEY_ALGORITHM: cluster.keyAlgorithm?.toUpperCase() ?? '',
    ENDPOINT: cluster.endpoint ?? '',
    VIRTUAL_IP: cluster.virtualIp?.address ?? '',
    VIRTUAL_ROUTER_ID: String(cluster.virtualIp?.routerId ?? ''),
    RESERVED_ADDRESS: node.address ?? '',
    CLOUD_PROVIDER: cluster.cloudProvider ?? '',
    ADDON_MIRROR: cluster.addons?.mirror?.replace(/\/+$/, '') ?? '',
    RUNS_WORKLOADS: node.role === 'master' && node.runsWorkloads ? 'yes' : '',
    ...(usesExternalEtcd({ node, cluster }) ? etcdEnvironment(cluster.etcd as ExternalEtcdDescription) : {}),
  };
  return assignments(variables);
}

const usesExternalEtcd = ({ node, cluster }: Pick<NodeDescription, 'node' | 'cluster'>) =>
  node.role === 'master' && cluster.etcd !== undefined;

function etcdEnvironment({ endpoints, prefix, hosts = [], compacts }: ExternalEtcdDescription) {
  return {
    ETCD_ENDPOINTS: endpoints.join(','),
    ETCD_PREFIX: prefix,
    ETCD_HOSTS: hosts.map(({ name, address }) => `${address}=${name}`).join(','),
    ETCD_COMPACTS: compacts ? 'yes' : '',
  };
}

const file = (path: string, content: string, permissions: string) => ({ path, content, permissions });

function oidcFiles(oidc: OidcDescription) {
  const args = file('/etc/slipway/oidc.yaml', oidcArguments(oidc), '0600');
  return oidc.ca ? [args, file(OIDC_CA_FILE, oidc.ca, '0600')] : [args];
}

function proxyEnvironment({ http, https, exceptions }: NonNullable<NodeDescription['cluster']['proxy']>): string {
  return assignments({
    HTTP_PROXY_URL: http ?? '',
    HTTPS_PROXY_URL: https ?? '',
    PROXY_EXCEPTIONS: exceptions.join(','),
  });
}

/** What only control-plane nodes are told, by path. */
function controlPlaneFiles({ cluster: { addons } }: NodeDescription): [path: string, content: string][] {
  return [['/var/lib/slipway/addons.sh', addonFunctions], ...addonFiles(addons?.list ?? [])];
}

/**
 * Renders a node's user data: a #cloud-config (as JSON, which is YAML) with host name, SSH user and keys, and the node program.
 * https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 */
export function renderUserData(description: NodeDescription): string {
  const { node, cluster, pke, ssh, token } = description;
  const config = {
    hostname: node.name,
    fqdn: node.name,
    preserve_hostname: false,
    users: [
      {
        name: ssh.user,
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        shell: '/bin/bash',
        lock_passwd: true,
        // cloud-init's schema refuses an empty list.
        ssh_authorized_keys: ssh.keys.length > 0 ? ssh.keys : undefined,
      },
    ],
    write_files: [
      file('/etc/slipway/node.env', environment(description), '0600'),
      file('/etc/slipway/authorization', `Authorization: Bearer ${token}\n`, '0600'),
      ...(node.role === 'etcd'
        ? [file('/var/lib/slipway/etcd-member.sh', etcdMemberFunctions, '0700')]
        : [file('/etc/slipway/rbac.yaml', rbac(cluster), '0600')]),
      ...(usesExternalEtcd(description)
        ? [file('/var/lib/slipway/external-etcd.sh', externalEtcdFunctions, '0700')]
        : []),
      file('/var/lib/slipway/node-program.sh', program, '0700'),
      file('/var/lib/slipway/endpoint.sh', endpointFunctions, '0700'),
      file('/var/lib/slipway/kubeadm.sh', kubeadmFunctions, '0700'),
      file(`/etc/systemd/system/${NODE_UNIT.name}`, NODE_UNIT.content, '0644'),
      ...(cluster.packages ? packageFiles(cluster.packages).map((each) => file(...each)) : []),
      ...(cluster.cloudProvider ? [file('/var/lib/slipway/cloud-provider.sh', cloudProviderFunctions, '0700')] : []),
      ...(cluster.proxy
        ? [
            file('/etc/slipway/proxy.env', proxyEnvironment(cluster.proxy), '0600'),
            file('/var/lib/slipway/proxy.sh', proxyFunctions, '0700'),
          ]
        : []),
      ...(cluster.oidc && node.role === 'master' ? oidcFiles(cluster.oidc) : []),
      ...(node.role === 'master' ? controlPlaneFiles(description) : []).map(([path, content]) =>
        file(path, content, '0600'),
      ),
      ...(pke
        ? [
            file('/etc/slipway/pke.env', assignments(pkeEnvironment(pke)), '0600'),
            file('/var/lib/slipway/pke-command.sh', `${pkeCommand(pke.installation)}\n`, '0700'),
            file('/var/lib/slipway/pke.sh', pkeFunctions, '0700'),
          ]
        : []),
      ...(cluster.virtualIp ? [file('/var/lib/slipway/virtual-ip.sh', virtualIpProgram, '0700')] : []),
    ],
    // Not waited for: a unit may have to wait for cloud-init itself.
    runcmd: [['systemctl', 'enable', '--now', '--no-block', NODE_UNIT.name]],
  };
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}
