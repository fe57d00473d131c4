import { CATALOGUE, cloudProviderFile } from './catalogue.ts';
import { merge, type NodeAddon, type Patch } from './node-addon.ts';

/** Copies of the storage driver's controller where there are as many control-plane nodes: each is on one of its own. */
const MOST_CONTROLLERS = 3;

/** Leaves an object of a manifest out: ours is made over the API, by who has the account. */
const without = (kind: string, name: string): Patch => ({
  target: { kind, name },
  patch: JSON.stringify({ apiVersion: 'v1', kind, metadata: { name }, $patch: 'delete' }),
});

/**
 * vSphere's cloud provider, of the cluster's minor version: it gives nodes their addresses and takes those away whose VM is gone.
 * Its configuration and account are not in it: see vsphere-objects.ts.
 */
export function cloudProvider(kubernetesVersion: string): NodeAddon {
  return {
    addon: { ...CATALOGUE.cloudProvider, files: [cloudProviderFile(kubernetesVersion)] },
    patches: [without('Secret', 'vsphere-cloud-secret'), without('ConfigMap', 'vsphere-cloud-config')],
    resources: [],
  };
}

/** vSphere's storage driver. Its configuration, which holds the account, is not in it. */
export function storageDriver(controlPlaneNodes: number): NodeAddon {
  const replicas = Math.min(controlPlaneNodes, MOST_CONTROLLERS);
  return {
    addon: CATALOGUE.storageDriver,
    patches: [merge('apps/v1', 'Deployment', 'vsphere-csi-controller', { spec: { replicas } })],
    resources: [],
  };
}
