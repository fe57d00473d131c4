import { usesVSphere } from '../cluster/account.ts';
import { isEtcdPool, masterCount } from '../cluster/pool.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { calico } from './calico.ts';
import { cilium } from './cilium.ts';
import { metallb } from './metallb.ts';
import type { NodeAddon } from './node-addon.ts';
import { cloudProvider, storageDriver } from './vsphere.ts';

/**
 * The add-ons of a cluster in the order in which they are applied. Clusters made before there were any have none, and neither
 * have those that pke makes, which installs its own.
 */
export function wantedAddons(spec: ClusterSpec): NodeAddon[] {
  const { kubernetes, loadBalancerIPRange, nodepools } = spec;
  if (spec.distribution === 'pke' || nodepools.some(isEtcdPool)) return [];
  const { provider, providerConfig, podCIDR } = kubernetes.network;
  return [
    ...(provider === 'calico' ? [calico(podCIDR, providerConfig)] : []),
    ...(provider === 'cilium' ? [cilium(podCIDR, providerConfig)] : []),
    ...(usesVSphere(spec) ? [cloudProvider(kubernetes.version), storageDriver(masterCount(nodepools))] : []),
    ...(loadBalancerIPRange ? [metallb(loadBalancerIPRange)] : []),
  ];
}

/** The first add-on of a cluster that no public source has as a manifest: it needs a mirror. */
export function needsMirror(spec: ClusterSpec): string | undefined {
  return wantedAddons(spec).find(({ addon }) => addon.files.some(({ url }) => !url))?.addon.name;
}
