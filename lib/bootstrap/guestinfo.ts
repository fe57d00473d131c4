import { gzipSync } from 'node:zlib';
import { type NodeNetwork, renderNetwork } from './network.ts';

const encode = (text: string) => gzipSync(text, { level: 9 }).toString('base64');

/**
 * cloud-init's metadata for the VMware datasource.
 * @param network of a node with an address of its own; without it DHCP is asked
 */
export function renderMetadata({
  instanceId,
  hostname,
  network,
}: {
  instanceId: string;
  hostname: string;
  network?: NodeNetwork;
}): string {
  return JSON.stringify({
    'instance-id': instanceId,
    'local-hostname': hostname,
    ...(network && { network: renderNetwork(network), 'wait-on-network': { ipv4: true, ipv6: false } }),
  });
}

/**
 * The extraConfig by which cloud-init's VMware datasource finds its data.
 * https://cloudinit.readthedocs.io/en/latest/reference/datasources/vmware.html
 */
export function guestinfo({ userData, metadata }: { userData: string; metadata: string }): Record<string, string> {
  return {
    'guestinfo.userdata': encode(userData),
    'guestinfo.userdata.encoding': 'gzip+base64',
    'guestinfo.metadata': encode(metadata),
    'guestinfo.metadata.encoding': 'gzip+base64',
  };
}
