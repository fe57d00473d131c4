import * as z from 'zod';
import { clusterName } from './names.ts';
import { nodePools } from './pool.ts';

/** Kubernetes versions whose kubeadm reads the v1beta4 configuration that nodes write. */
const version = z
  .string()
  .transform((text) => text.replace(/^v/, ''))
  .pipe(
    z
      .string()
      .regex(/^1\.\d{1,2}\.\d{1,3}$/, 'a full version such as 1.36.1')
      .refine((text) => Number(text.split('.')[1]) >= 31, 'Kubernetes 1.31 or newer'),
  );

const cidr = z.cidrv4('an IPv4 range such as 10.96.0.0/12');
const host = z.union([z.ipv4(), z.hostname()], 'an IPv4 address or a host name');

/** Refuses a field of the Pipeline API that Slipway does not act on: accepting it in silence would be a lie. */
const unsupported = (what: string) =>
  z
    .any()
    .optional()
    .refine((value) => value === undefined, `${what} is not supported; leave the field out`);

const kubernetes = z
  .strictObject({
    version: version.default('1.36.1'),
    rbac: z.literal(true, 'RBAC is always on: true, or leave it out').default(true),
    oidc: z
      .strictObject({ enabled: z.literal(false, 'OIDC for the cluster is not supported: false, or leave it out') })
      .optional(),
    cri: z.strictObject({ runtime: z.literal('containerd', 'only containerd') }).default({ runtime: 'containerd' }),
    network: z
      .strictObject({
        serviceCIDR: cidr.default('10.96.0.0/12'),
        podCIDR: cidr.default('10.244.0.0/16'),
        provider: z
          .literal('none', "only 'none': apply the network add-on of your choice with the cluster's kubeconfig")
          .default('none'),
        providerConfig: unsupported('providerConfig'),
      })
      .prefault({}),
  })
  .prefault({});

const fields = {
  type: z.literal('pke-on-vsphere', "only 'pke-on-vsphere'").default('pke-on-vsphere'),
  name: clusterName,
  secretId: z.string().min(1).optional(),
  secretName: z.string().min(1).optional(),
  sshSecretId: z.string().min(1).optional(),
  sshSecretName: z.string().min(1).optional(),
  datacenter: z.string().min(1).optional(),
  folder: z.string().min(1).optional(),
  resourcePool: z.string().min(1).optional(),
  datastore: z.string().min(1).optional(),
  /** Where the API server answers: a load balancer, a DNS name or a virtual IP of one's own. Without it, the leader's address. */
  endpoint: z.strictObject({ host, port: z.int().min(1).max(65535).default(6443) }).optional(),
  kubernetes,
  nodepools: nodePools,
  storageSecretId: unsupported('A separate storage account'),
  storageSecretName: unsupported('A separate storage account'),
  loadBalancerIPRange: unsupported('MetalLB (loadBalancerIPRange)'),
  network: unsupported("Another network than the template's"),
  proxy: unsupported('A proxy for nodes'),
};

/** The body of `POST …/clusters`, and `cluster` in the input of create-cluster. Defaults are filled in. */
export const clusterSpec = z.strictObject(fields).superRefine((spec, context) => {
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
});
export type ClusterSpec = z.infer<typeof clusterSpec>;

/** The body of `PUT …/clusters/{id}`: sizes, new and removed pools. A pool that is left out is removed. */
export const clusterUpdate = z.strictObject({ nodepools: nodePools });
