import * as z from 'zod/mini';
import { storageSecretIssues } from './account.ts';
import { addonIssues, addons } from './addons-spec.ts';
import { networkRange, parseRange } from './address-range.ts';
import { addressIssuesOf } from './addresses-in-cluster.ts';
import { certificates } from './certificates-spec.ts';
import { endpoint, endpointHost, inRange } from './endpoint-spec.ts';
import { etcd } from './etcd-spec.ts';
import { loadBalancerIPRange, loadBalancerIssues } from './load-balancer.ts';
import { clusterName } from './names.ts';
import { network } from './network-spec.ts';
import { oidc } from './oidc-spec.ts';
import { packages } from './packages.ts';
import { distribution, distributionIssues, pke } from './pke-spec.ts';
import { oneOfNetworks, placementFields } from './placement.ts';
import { controlPlaneIssue, isEtcdPool, nodePools } from './pool.ts';
import { proxy } from './proxy.ts';

/** Which are supported is a matter of the distribution. */
const version = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text) => text.replace(/^v/, '')),
  ),
  z.string().check(z.regex(/^1\.\d{1,2}\.\d{1,3}$/, 'a full version such as 1.36.1')),
);

const kubernetes = z.prefault(
  z.strictObject({
    version: z._default(version, '1.36.1'),
    certificates,
    rbac: z._default(z.literal(true, 'RBAC is always on: true, or leave it out'), true),
    oidc: z.optional(oidc),
    cri: z._default(z.strictObject({ runtime: z.literal('containerd', 'only containerd') }), { runtime: 'containerd' }),
    network,
    /** What tells Kubernetes of the VMs that nodes are, and gives it volumes on their datastores. */
    cloudProvider: z._default(z.enum(['vsphere', 'none'], 'vsphere or none'), 'vsphere'),
  }),
  {},
);

const fields = {
  type: z._default(z.literal('pke-on-vsphere', "only 'pke-on-vsphere'"), 'pke-on-vsphere'),
  name: clusterName,
  secretId: z.optional(z.string().check(z.minLength(1))),
  secretName: z.optional(z.string().check(z.minLength(1))),
  sshSecretId: z.optional(z.string().check(z.minLength(1))),
  sshSecretName: z.optional(z.string().check(z.minLength(1))),
  ...placementFields,
  /** Without it the API server is at the leader's address. */
  endpoint: z.optional(endpoint),
  distribution,
  pke: z.optional(pke),
  kubernetes,
  /** Without it etcd is on the control-plane nodes. */
  etcd: z.optional(etcd),
  nodepools: nodePools,
  /** The account of the cloud provider and the storage driver, a secret of type vsphere; else the connection's own. */
  storageSecretId: z.optional(z.string().check(z.minLength(1))),
  storageSecretName: z.optional(z.string().check(z.minLength(1))),
  loadBalancerIPRange,
  addons,
  proxy: z.optional(proxy),
  /** Without it the deployment's own, if it has some. */
  packages: z.optional(packages),
};

/** What an etcd cluster can not have. */
const NEED_AN_API_SERVER = [
  'etcd',
  'endpoint',
  'loadBalancerIPRange',
  'addons',
  'storageSecretId',
  'storageSecretName',
] as const;

/** The body of `POST …/clusters`, and `cluster` in the input of create-cluster. Defaults are filled in. */
export const clusterSpec = z.strictObject(fields).check(
  oneOfNetworks(),
  z.superRefine((spec, context) => {
    if (!spec.secretId === !spec.secretName) {
      context.addIssue({
        code: 'custom',
        path: ['secretName'],
        message: 'name the vCenter connection by secretName or by secretId, one of them',
      });
    }
    if (spec.sshSecretId && spec.sshSecretName) {
      context.addIssue({ code: 'custom', path: ['sshSecretName'], message: 'sshSecretName or sshSecretId, not both' });
    }
    for (const [path, message] of distributionIssues(spec)) context.addIssue({ code: 'custom', path, message });
    const wrong = controlPlaneIssue(spec.nodepools, spec.etcd !== undefined);
    if (wrong) {
      const path = wrong.index === undefined ? ['nodepools'] : ['nodepools', wrong.index, 'size'];
      context.addIssue({ code: 'custom', path, message: wrong.message });
    }
    if (spec.distribution === 'pke' && (spec.etcd || spec.nodepools.some(isEtcdPool))) {
      const message = 'pke has etcd on its control-plane nodes: use kubeadm, or leave etcd out';
      context.addIssue({ code: 'custom', path: ['distribution'], message });
    }
    for (const field of spec.nodepools.some(isEtcdPool) ? NEED_AN_API_SERVER : []) {
      if (spec[field] === undefined) continue;
      const message = 'an etcd cluster (pools with the role etcd) has no API server: leave the field out';
      context.addIssue({ code: 'custom', path: [field], message });
    }
    for (const message of storageSecretIssues(spec)) {
      context.addIssue({ code: 'custom', path: ['storageSecretName'], message });
    }
    for (const [path, message] of [...distributionIssues(spec), ...addonIssues(spec)])
      context.addIssue({ code: 'custom', path, message });
    const { serviceCIDR, podCIDR } = spec.kubernetes.network;
    const at = spec.endpoint && endpointHost(spec.endpoint);
    const taken = [
      ['the service range', networkRange(serviceCIDR)] as const,
      ['the pod range', networkRange(podCIDR)] as const,
      ...(at && z.ipv4().safeParse(at).success ? [['the endpoint', parseRange(at)] as const] : []),
    ];
    for (const [index, message] of loadBalancerIssues(spec.loadBalancerIPRange ?? [], taken)) {
      context.addIssue({ code: 'custom', path: ['loadBalancerIPRange', index], message });
    }
    for (const [range, cidr] of Object.entries({ serviceCIDR, podCIDR })) {
      if (!at || !z.ipv4().safeParse(at).success || !inRange(at, cidr)) continue;
      context.addIssue({
        code: 'custom',
        path: ['endpoint', spec.endpoint?.address ? 'address' : 'host'],
        message: `${at} is in the cluster's ${range} ${cidr}: it must be on the nodes' network, or reachable from it`,
      });
    }
    for (const [path, message] of addressIssuesOf(spec)) context.addIssue({ code: 'custom', path, message });
  }),
);
export type ClusterSpec = z.infer<typeof clusterSpec>;

/** The body of `PUT …/clusters/{id}`: sizes, new and removed pools. A pool that is left out is removed. */
export const clusterUpdate = z.strictObject({ nodepools: nodePools });
