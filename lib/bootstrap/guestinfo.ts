import { gzipSync } from 'node:zlib';

const encode = (text: string) => gzipSync(text, { level: 9 }).toString('base64');

/** cloud-init's metadata for the VMware datasource. */
export function renderMetadata({ instanceId, hostname }: { instanceId: string; hostname: string }): string {
  return JSON.stringify({ 'instance-id': instanceId, 'local-hostname': hostname });
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
