import { quote } from './quote.ts';

/** What pke is told on its command line, of a cluster and one of its pools. */
export interface PkeInstallation {
  apiUrl: string;
  organization: number;
  clusterId: number;
  clusterName: string;
  kubernetesVersion: string;
  serviceCIDR: string;
  podCIDR: string;
  /** Of the network add-on that pke installs: calico, cilium, weave, none. */
  networkProvider: string;
  /** `host:port` of the API server, where the cluster has an endpoint of its own. */
  endpoint?: string;
  /** Addresses that MetalLB, which pke installs then, gives to services. */
  loadBalancerRange?: string;
  /** How many control-plane nodes the cluster is to have. */
  masters: number;
  pool: { name: string; role: 'master' | 'worker'; runsWorkloads: boolean };
}

/** The vCenter and the placement of a node: pke writes them down for a cloud provider, where one is asked for. No account. */
export interface PkeVsphere {
  server: string;
  port: number;
  fingerprint?: string;
  datacenter?: string;
  datastore?: string;
  resourcePool?: string;
  folder?: string;
}

/** Where pke comes from if the image has none, and the values of the variables in its command line that differ from node to node. */
export function pkeEnvironment({ url, sha256, vsphere }: { url?: string; sha256?: string; vsphere: PkeVsphere }) {
  return {
    PKE_URL: url ?? '',
    PKE_SHA256: sha256 ?? '',
    VSPHERE_SERVER: vsphere.server,
    VSPHERE_PORT: String(vsphere.port),
    VSPHERE_FINGERPRINT: vsphere.fingerprint ?? '',
    VSPHERE_DATACENTER: vsphere.datacenter ?? '',
    VSPHERE_DATASTORE: vsphere.datastore ?? '',
    VSPHERE_RESOURCEPOOL: vsphere.resourcePool ?? '',
    VSPHERE_FOLDER: vsphere.folder ?? '',
  };
}

/** A shell's expression, not to be quoted. */
class Expression {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
type Flags = Record<string, string | number | boolean | Expression | undefined>;

const MASTER_TAINT = 'node-role.kubernetes.io/master:NoSchedule';

/**
 * The command line by which pke makes a machine a node, for a POSIX shell. The variables in it are the node program's, so that it
 * is alike for a pool's nodes and no secret is in it; and PKE_EXTRA_ARGS, which may say anything again.
 */
export function pkeCommand(installation: PkeInstallation): string {
  const { pool } = installation;
  const flags = {
    ...pipelineFlags(installation),
    ...(pool.role === 'master' ? masterFlags : workerFlags)(installation),
  };
  const given = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [flag(name, value)]));
  return ['pke', 'install', pool.role, ...given, '$PKE_EXTRA_ARGS'].join(' ');
}

const flag = (name: string, value: string | number | boolean | Expression) =>
  `--${name}=${value instanceof Expression ? `"${value.text}"` : typeof value === 'string' ? quote(value) : value}`;

function pipelineFlags({ apiUrl, organization, clusterId, pool, kubernetesVersion }: PkeInstallation): Flags {
  return {
    'pipeline-url': apiUrl,
    'pipeline-token': new Expression('$PIPELINE_TOKEN'),
    'pipeline-org-id': organization,
    'pipeline-cluster-id': clusterId,
    'pipeline-nodepool': pool.name,
    'pipeline-insecure': false,
    'kubernetes-version': kubernetesVersion,
    'kubernetes-infrastructure-cidr': new Expression('$IP/32'),
    'kubernetes-node-labels': new Expression('$NODE_LABELS'),
  };
}

/** Without an endpoint a worker learns the address with its bootstrap token: pke prefers that one anyway. */
function workerFlags({ endpoint }: PkeInstallation): Flags {
  return { 'kubernetes-api-server': endpoint, taints: '' };
}

function masterFlags(installation: PkeInstallation): Flags {
  const { endpoint, pool, masters } = installation;
  const mode = masters > 1 ? 'ha' : pool.runsWorkloads ? 'single' : 'default';
  const host = endpoint && `,${endpoint.slice(0, endpoint.lastIndexOf(':'))}`;
  return {
    'kubernetes-cluster-name': installation.clusterName,
    'kubernetes-advertise-address': new Expression('$IP:6443'),
    'kubernetes-api-server': endpoint ?? new Expression('$IP:6443'),
    'kubernetes-api-server-cert-sans': new Expression(`$IP,$NODE_NAME${host ?? ''}`),
    'kubernetes-master-mode': mode,
    'kubernetes-network-provider': installation.networkProvider,
    'kubernetes-service-cidr': installation.serviceCIDR,
    'kubernetes-pod-network-cidr': installation.podCIDR,
    'vsphere-server': new Expression('$VSPHERE_SERVER'),
    'vsphere-port': new Expression('$VSPHERE_PORT'),
    'vsphere-fingerprint': new Expression('$VSPHERE_FINGERPRINT'),
    'vsphere-datacenter': new Expression('$VSPHERE_DATACENTER'),
    'vsphere-datastore': new Expression('$VSPHERE_DATASTORE'),
    'vsphere-resourcepool': new Expression('$VSPHERE_RESOURCEPOOL'),
    'vsphere-folder': new Expression('$VSPHERE_FOLDER'),
    'lb-range': installation.loadBalancerRange,
    // In the mode `single` pke takes the taint away by itself, and fails where there is none.
    taints: pool.runsWorkloads && mode !== 'single' ? '' : MASTER_TAINT,
  };
}
