import type { ProviderConfig } from '../cluster/network-spec.ts';
import { CATALOGUE } from './catalogue.ts';
import { merge, type NodeAddon } from './node-addon.ts';

/** What Calico's own variables say of a pool of addresses, by how packets travel. */
const POOLS = {
  vxlan: { CALICO_IPV4POOL_IPIP: 'Never', CALICO_IPV4POOL_VXLAN: 'Always' },
  ipip: { CALICO_IPV4POOL_IPIP: 'Always', CALICO_IPV4POOL_VXLAN: 'Never' },
  none: { CALICO_IPV4POOL_IPIP: 'Never', CALICO_IPV4POOL_VXLAN: 'Never' },
};

/**
 * Calico. Without a word on encapsulation VXLAN: UDP passes where a network lets IP in IP through to nobody.
 *
 * It takes a node's address from Kubernetes: the first one that it found itself could be the virtual IP, which moves.
 * https://docs.tigera.io/calico/latest/reference/configure-calico-node
 */
export function calico(podCIDR: string, { encapsulation = 'vxlan', mtu }: ProviderConfig = {}): NodeAddon {
  const pool = POOLS[encapsulation as keyof typeof POOLS];
  const variables = { IP_AUTODETECTION_METHOD: 'kubernetes-internal-ip', CALICO_IPV4POOL_CIDR: podCIDR, ...pool };
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const template = { spec: { containers: [{ name: 'calico-node', env }] } };
  return {
    addon: encapsulation === 'vxlan' ? CATALOGUE.calico : CATALOGUE.calicoBgp,
    patches: [
      merge('apps/v1', 'DaemonSet', 'calico-node', { spec: { template } }),
      ...(mtu ? [merge('v1', 'ConfigMap', 'calico-config', { data: { veth_mtu: String(mtu) } })] : []),
    ],
    resources: [],
  };
}
