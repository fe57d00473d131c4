import { join } from 'node:path';
import type { Guest } from './kubeadm.ts';

/** What the programs of a guest find in their environment: the stand-ins first, and its own file system. */
export function environment({ name, address, rootfs }: Guest): Record<string, string> {
  return {
    PATH: `${join(import.meta.dirname, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
    SLIPWAY_ROOT: rootfs,
    GUEST_NAME: name,
    GUEST_ADDRESS: address,
    POLL_MAX: '2',
  };
}
