import { CSI_NAMESPACE, STORAGE_CLASS } from '../addons/index.ts';

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
const binding = (group: string, clusterRole: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: group },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
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

/**
 * What our client certificates may do in a cluster, one group a job. kubectl reads JSON as YAML.
 * @param withAccount whether the cluster is told an account of its vCenter
 */
export const rbac = (withAccount: boolean) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      ...(withAccount ? storageAccount : []),
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
      binding('slipway:admin', 'cluster-admin'),
    ],
  });
