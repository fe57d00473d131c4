import { masterCount } from '../cluster/pool.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { calico } from './calico.ts';
import { cilium } from './cilium.ts';
import { metallb } from './metallb.ts';
import type { NodeAddon } from './node-addon.ts';
import { cloudProvider, storageDriver } from './vsphere.ts';

/** The add-ons of a cluster in the order in which they are applied. Those made before there were any have none. */
export function wantedAddons({ kubernetes, loadBalancerIPRange, nodepools }: ClusterSpec): NodeAddon[] {
  const { provider, providerConfig, podCIDR } = kubernetes.network;
  return [
    ...(provider === 'calico' ? [calico(podCIDR, providerConfig)] : []),
    ...(provider === 'cilium' ? [cilium(podCIDR, providerConfig)] : []),
    ...(kubernetes.cloudProvider === 'vsphere'
      ? [cloudProvider(kubernetes.version), storageDriver(masterCount(nodepools))]
      : []),
    ...(loadBalancerIPRange ? [metallb(loadBalancerIPRange)] : []),
  ];
}

/** The first add-on of a cluster that no public source has as a manifest: it needs a mirror. */
export function needsMirror(spec: ClusterSpec): string | undefined {
  return wantedAddons(spec).find(({ addon }) => addon.files.some(({ url }) => !url))?.addon.name;
}
