import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether a VM's commands have yet to be run. From now on they have been: cloud-init notes so before it runs them. */
export function isFirstBoot(rootfs: string): boolean {
  const ran = join(rootfs, 'var/lib/cloud/instance/sem/config_scripts_user');
  if (existsSync(ran)) return false;
  mkdirSync(dirname(ran), { recursive: true });
  writeFileSync(ran, '');
  return true;
}

/** Whether systemd would start the node program at a boot. */
export function runsNodeProgram(rootfs: string): boolean {
  const wanted = join(rootfs, 'etc/systemd/system/multi-user.target.wants/slipway-node.service');
  return existsSync(wanted) && !existsSync(join(rootfs, 'var/lib/slipway/ready'));
}
