const API = 'admissionregistration.k8s.io/v1';

/** A policy for what a group of ours asks for, with its binding. Names of policies have no colon. */
function policy(
  group: string,
  resource: string,
  operations: string[],
  validations: { expression: string; message: string }[],
) {
  const name = group.replace(':', '-');
  return [
    {
      apiVersion: API,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations, resources: [resource] }],
        },
        matchConditions: [{ name: 'group', expression: `'${group}' in request.userInfo.groups` }],
        validations: validations.map((each) => ({ ...each, reason: 'Forbidden' })),
      },
    },
    {
      apiVersion: API,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}

/** Parts of a node that a cordon does not touch, in CEL: before and after they have to be the same. */
const KEPT = [
  ...['labels', 'annotations', 'finalizers', 'ownerReferences'].map((field) => `metadata.?${field}`),
  ...['taints', 'providerID', 'podCIDRs', 'externalID', 'configSource'].map((field) => `spec.?${field}`),
];

/** The first minor version of Kubernetes 1 that has such policies in v1. */
const FIRST_MINOR = 30;

/** Whether a version such as 1.36.1 has them. The old ones that pke installs have not. */
export function hasAdmissionPolicies(kubernetesVersion: string): boolean {
  return Number(kubernetesVersion.split('.')[1]) >= FIRST_MINOR;
}

/**
 * What RBAC can not say of our client certificates: which Secrets they may make and delete, and what they may change of a node.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export const ADMISSION = [
  ...policy(
    'slipway:bootstrap-tokens',
    'secrets',
    ['CREATE', 'UPDATE', 'DELETE'],
    [
      {
        expression: ['object', 'oldObject']
          .map(
            (each) =>
              `(${each} == null || (${each}.type == 'bootstrap.kubernetes.io/token' && ${each}.metadata.name.startsWith('bootstrap-token-')))`,
          )
          .join(' && '),
        message: 'slipway:bootstrap-tokens may make and delete bootstrap tokens only',
      },
    ],
  ),
  ...policy(
    'slipway:drain-node',
    'nodes',
    ['UPDATE'],
    [
      {
        expression: `object.spec.?unschedulable.orValue(false) && ${KEPT.map((part) => `object.${part} == oldObject.${part}`).join(' && ')}`,
        message: 'slipway:drain-node may cordon a node, and change nothing else of it',
      },
    ],
  ),
];
