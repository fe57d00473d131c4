import type { ProviderConfig } from '../cluster/network-spec.ts';
import { CATALOGUE } from './catalogue.ts';
import { merge, type NodeAddon } from './node-addon.ts';

/**
 * Cilium, beside kube-proxy, with the ranges that Kubernetes gives each node of the cluster's range of pods.
 * https://docs.cilium.io/en/stable/network/concepts/routing/
 */
export function cilium(podCIDR: string, { encapsulation = 'vxlan', mtu }: ProviderConfig = {}): NodeAddon {
  const routing =
    encapsulation === 'none'
      ? { 'routing-mode': 'native', 'auto-direct-node-routes': 'true', 'ipv4-native-routing-cidr': podCIDR }
      : { 'routing-mode': 'tunnel', 'tunnel-protocol': encapsulation };
  const data = { ...routing, ...(mtu ? { mtu: String(mtu) } : {}) };
  return { addon: CATALOGUE.cilium, patches: [merge('v1', 'ConfigMap', 'cilium-config', { data })], resources: [] };
}
