import type { ClusterSpec } from '../cluster/spec.ts';
import { calico } from './calico.ts';
import { metallb } from './metallb.ts';
import type { NodeAddon } from './node-addon.ts';

/** The add-ons of a cluster in the order in which they are applied. Those made before there were any have none. */
export function wantedAddons({ kubernetes, loadBalancerIPRange }: ClusterSpec): NodeAddon[] {
  const { provider, providerConfig, podCIDR } = kubernetes.network;
  return [
    ...(provider === 'calico' ? [calico(podCIDR, providerConfig)] : []),
    ...(loadBalancerIPRange ? [metallb(loadBalancerIPRange)] : []),
  ];
}
