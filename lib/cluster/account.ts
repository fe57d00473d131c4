import { isEtcdPool, type NodePool } from './pool.ts';

interface Described {
  distribution?: 'kubeadm' | 'pke';
  kubernetes: { cloudProvider?: 'vsphere' | 'none' };
  storageSecretId?: string;
  storageSecretName?: string;
  nodepools?: readonly Pick<NodePool, 'roles'>[];
}

/**
 * Whether a cluster has vSphere's cloud provider and storage driver from us, for which it is told an account. Clusters from before
 * there were any have none; neither have those that pke makes, which installs add-ons of its own.
 */
export function usesVSphere({ distribution, kubernetes, nodepools = [] }: Described): boolean {
  // An etcd cluster has no Kubernetes to tell.
  if (nodepools.some(isEtcdPool)) return false;
  return distribution !== 'pke' && kubernetes.cloudProvider === 'vsphere';
}

/** What is wrong with how the storage account is named. */
export function storageSecretIssues(spec: Described): string[] {
  const { storageSecretId, storageSecretName } = spec;
  if (!storageSecretId && !storageSecretName) return [];
  return [
    ...(storageSecretId && storageSecretName ? ['storageSecretName or storageSecretId, not both'] : []),
    ...(usesVSphere(spec) ? [] : ['nothing uses it without kubernetes.cloudProvider: vsphere, by kubeadm']),
  ];
}

/** What a user should know where the connection's own account is told to the cluster; undefined where it is not. */
export function accountWarning(spec: Described): string | undefined {
  if (!usesVSphere(spec) || spec.storageSecretId || spec.storageSecretName) return undefined;
  return "The cluster has no storage account of its own (storageSecretName): its cloud provider and storage driver sign in to the vCenter as the connection's account, whose password becomes a Secret in the cluster. Give the next one an account with the few privileges that they need.";
}
