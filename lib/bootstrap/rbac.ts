import { ADMISSION, hasAdmissionPolicies } from './admission.ts';
import type { OidcDescription } from './oidc.ts';

const role = (name: string, rules: object[]) => [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules },
  binding(name, name),
];
const binding = (name: string, clusterRole: string, groups = [name]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
  subjects: groups.map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
});

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
  binding('slipway:view', 'view'),
  binding('slipway:edit', 'edit'),
  binding('slipway:admin', 'cluster-admin'),
];

/**
 * What our client certificates, and the administrators whom the cluster's issuer names, may do in a cluster. kubectl reads JSON as
 * YAML.
 */
export function rbac({
  kubernetesVersion,
  oidc,
}: {
  kubernetesVersion: string;
  oidc?: Pick<OidcDescription, 'admins' | 'groupsPrefix'>;
}): string {
  const groups = oidc?.admins.map((group) => oidc.groupsPrefix + group) ?? [];
  const admins = groups.length > 0 ? [binding('slipway:oidc-admins', 'cluster-admin', groups)] : [];
  const policies = hasAdmissionPolicies(kubernetesVersion) ? ADMISSION : [];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...OURS, ...admins, ...policies] });
}
