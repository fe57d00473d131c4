import { CSI_NAMESPACE, STORAGE_CLASS } from '../addons/index.ts';
import { ADMISSION, hasAdmissionPolicies } from './admission.ts';
import type { OidcDescription } from './oidc.ts';

const role = (name: string, rules: object[]) => [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules },
  binding(name, name),
];
/** What a group may do to objects of some names in a namespace: an apply by name needs `create` and `patch` of that name. */
const named = (group: string, namespace: string, names: Record<string, string>, verbs = ['create', 'patch']) => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: group, namespace },
    rules: Object.entries(names).map(([resource, name]) => ({
      apiGroups: [''],
      resources: [resource],
      resourceNames: [name],
      verbs,
    })),
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: group, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: group },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
  },
];
const binding = (name: string, clusterRole: string, groups = [name]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
  subjects: groups.map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
});

/** The account of the cloud provider and the storage driver, and what goes with it; never read, never any other object. */
const storageAccount = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: CSI_NAMESPACE } },
  ...named('slipway:storage-account', 'kube-system', {
    secrets: 'vsphere-cloud-secret',
    configmaps: 'vsphere-cloud-config',
  }),
  ...named('slipway:storage-account', CSI_NAMESPACE, { secrets: 'vsphere-config-secret' }),
  ...role('slipway:storage-account', [
    {
      apiGroups: ['storage.k8s.io'],
      resources: ['storageclasses'],
      resourceNames: [STORAGE_CLASS],
      verbs: ['create', 'patch'],
    },
  ]),
];

/** One group a job of ours, and one a role of users. */
const OURS = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'slipway:bootstrap-tokens', namespace: 'kube-system' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'slipway:bootstrap-tokens', namespace: 'kube-system' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'slipway:bootstrap-tokens' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'slipway:bootstrap-tokens' }],
  },
  ...role('slipway:drain-node', [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'patch', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  ]),
  ...named('slipway:read-addons', 'kube-system', { configmaps: 'slipway-addons' }, ['get']),
  binding('slipway:view', 'view'),
  binding('slipway:edit', 'edit'),
  binding('slipway:admin', 'cluster-admin'),
];

/**
 * What our client certificates, and the administrators whom the cluster's issuer names, may do in a cluster. kubectl reads JSON as
 * YAML.
 * @param cluster.cloudProvider `vsphere` where the cluster is told an account of its vCenter
 */
export function rbac({
  kubernetesVersion,
  cloudProvider,
  oidc,
}: {
  kubernetesVersion: string;
  cloudProvider?: string;
  oidc?: Pick<OidcDescription, 'admins' | 'groupsPrefix'>;
}): string {
  const groups = oidc?.admins.map((group) => oidc.groupsPrefix + group) ?? [];
  const items = [
    ...(cloudProvider === 'vsphere' ? storageAccount : []),
    ...OURS,
    ...(groups.length > 0 ? [binding('slipway:oidc-admins', 'cluster-admin', groups)] : []),
    ...(hasAdmissionPolicies(kubernetesVersion) ? ADMISSION : []),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
