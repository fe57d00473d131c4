import type { ClusterSpec } from './spec.ts';

/** What a user should know where the connection's own account is told to the cluster; undefined where it is not. */
export function accountWarning({ kubernetes, storageSecretId, storageSecretName }: ClusterSpec): string | undefined {
  if (kubernetes.cloudProvider !== 'vsphere' || storageSecretId || storageSecretName) return undefined;
  return "The cluster has no storage account of its own (storageSecretName): its cloud provider and storage driver sign in to the vCenter as the connection's account, whose password becomes a Secret in the cluster. Give the next one an account with the few privileges that they need.";
}
