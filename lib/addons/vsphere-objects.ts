/** A vCenter as the cloud provider and the storage driver reach it. */
export interface VSphereServer {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Trust: a pinned certificate, or the authority that signed it, in PEM; else the public authorities. */
  fingerprint?: string;
  ca?: string;
  /** Names or paths of the datacenters that nodes are in; all where it is empty. */
  datacenters: readonly string[];
}

/** What the objects are made of. */
export interface VSphereConfiguration {
  servers: readonly VSphereServer[];
  /** Tells this cluster's volumes from those of others on the vCenter. */
  clusterId: string;
  /** An address that moves between nodes, and so is none of theirs. */
  virtualIp?: string;
  /** What volumes of the default class lie on: a storage policy, or a datastore. */
  storagePolicy?: string;
  datastoreUrl?: string;
}

/** An object of a cluster, and where its API server has it. */
export interface KubernetesObject {
  path: string;
  object: object;
}

export const STORAGE_CLASS = 'slipway';
export const CSI_NAMESPACE = 'vmware-system-csi';
const LABELS = { 'app.kubernetes.io/managed-by': 'slipway' };
/** Where both have their configuration mounted. */
const MOUNTED = '/etc/cloud';

const authorityFile = (index: number) => `ca-${index}.crt`;
const authorities = (servers: readonly VSphereServer[]) =>
  Object.fromEntries(servers.flatMap(({ ca }, index) => (ca ? [[authorityFile(index), ca]] : [])));
/** As govmomi compares it: pairs of upper-case hex digits with colons. */
const thumbprint = (fingerprint: string) =>
  (fingerprint.replaceAll(':', '').toUpperCase().match(/../g) ?? []).join(':');

/**
 * The objects by which vSphere's cloud provider and storage driver know the vCenter, and the default storage class. The
 * accounts are in two Secrets, each where its driver looks for it, and nowhere else.
 * https://github.com/kubernetes/cloud-provider-vsphere/blob/master/docs/book/cloud_config.md
 */
export function vsphereObjects(configuration: VSphereConfiguration): KubernetesObject[] {
  const { servers } = configuration;
  const accounts = servers.flatMap(({ host, user, password }) => [
    [`${host}.username`, user],
    [`${host}.password`, password],
  ]);
  const config = { 'csi-vsphere.conf': storageConfig(configuration), ...authorities(servers) };
  return [
    namespaced('kube-system', 'ConfigMap', 'vsphere-cloud-config', {
      data: { 'vsphere.conf': JSON.stringify(cloudConfig(configuration)), ...authorities(servers) },
    }),
    namespaced('kube-system', 'Secret', 'vsphere-cloud-secret', { data: encoded(Object.fromEntries(accounts)) }),
    namespaced(CSI_NAMESPACE, 'Secret', 'vsphere-config-secret', { data: encoded(config) }),
    storageClass(configuration),
  ];
}

const encoded = (data: Record<string, string>) =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));

function namespaced(namespace: string, kind: 'ConfigMap' | 'Secret', name: string, content: object): KubernetesObject {
  return {
    path: `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`,
    object: { apiVersion: 'v1', kind, metadata: { name, namespace, labels: LABELS }, ...content },
  };
}

/** The cloud provider's configuration, without the accounts. JSON is YAML. */
function cloudConfig({ servers, virtualIp }: VSphereConfiguration) {
  const vcenter = servers.map(({ host, port, fingerprint, ca, datacenters }, index) => [
    host,
    {
      server: host,
      port,
      datacenters: datacenters.length > 0 ? datacenters : undefined,
      thumbprint: fingerprint && thumbprint(fingerprint),
      caFile: ca && `${MOUNTED}/${authorityFile(index)}`,
    },
  ]);
  const exclude = virtualIp && `${virtualIp}/32`;
  return {
    global: { secretName: 'vsphere-cloud-secret', secretNamespace: 'kube-system' },
    vcenter: Object.fromEntries(vcenter),
    nodes: exclude && { excludeInternalNetworkSubnetCidr: exclude, excludeExternalNetworkSubnetCidr: exclude },
  };
}

/** The storage driver's configuration, accounts and all, as it reads it. */
function storageConfig({ servers, clusterId }: VSphereConfiguration): string {
  const sections = servers.map((server, index) =>
    section(`VirtualCenter ${quoted(server.host)}`, {
      user: server.user,
      password: server.password,
      port: String(server.port),
      datacenters: server.datacenters.length > 0 ? server.datacenters.join(', ') : undefined,
      'insecure-flag': 'false',
      thumbprint: server.fingerprint && thumbprint(server.fingerprint),
      'ca-file': server.ca && `${MOUNTED}/${authorityFile(index)}`,
    }),
  );
  return [section('Global', { 'cluster-id': clusterId }), ...sections].join('');
}

function section(name: string, fields: Record<string, string | undefined>): string {
  const lines = Object.entries(fields).flatMap(([key, value]) => (value ? [`${key} = ${quoted(value)}\n`] : []));
  return `[${name}]\n${lines.join('')}`;
}

/** A value as git's configuration has it. */
const quoted = (value: string) =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;

function storageClass({ storagePolicy, datastoreUrl }: VSphereConfiguration): KubernetesObject {
  return {
    path: `/apis/storage.k8s.io/v1/storageclasses/${STORAGE_CLASS}`,
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: STORAGE_CLASS,
        labels: LABELS,
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'csi.vsphere.vmware.com',
      // A policy says by itself where: with both the driver would have to choose.
      parameters: storagePolicy
        ? { storagepolicyname: storagePolicy }
        : datastoreUrl
          ? { datastoreurl: datastoreUrl }
          : {},
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: true,
    },
  };
}
