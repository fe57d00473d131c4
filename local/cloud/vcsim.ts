import { join } from 'node:path';
import { buildGo } from './go.ts';
import { freePort } from './ports.ts';
import { firstLine, type Managed, manage } from './processes.ts';

/**
 * An address of its own: in the functions of the embedded AWS, https to 127.0.0.1 is taken for the AWS itself and downgraded.
 */
const HOST = '127.0.0.2';

/** Builds the vCenter simulator. @returns the binary's path */
export const buildVcsim = () => buildGo('vcsim', join(import.meta.dirname, '..', 'vcsim'));

/** What runs in VMs. */
export interface Guests {
  /** A program for Node, one process a VM that is on: see ../guest/guest.ts. */
  program: string;
  /** First two octets of their addresses; the simulator's own default where it is left out. */
  network?: string;
  /** What they find in their environment. */
  env?: Record<string, string>;
}

/** A running vCenter simulator. */
export interface Vcsim extends Managed {
  url: string;
  control: string;
  fingerprint: string;
  user: string;
  password: string;
}

/** Starts the simulator. `state` is a directory in which it keeps its VMs and their disks; `args` are its further flags. */
export async function startVcsim({
  port,
  password,
  state,
  guests,
  args = [],
}: {
  port: number;
  password: string;
  state: string;
  guests?: Guests;
  args?: string[];
}): Promise<Vcsim> {
  const user = 'administrator@vsphere.local';
  const listen = `${HOST}:${await freePort(port, HOST)}`;
  const kept = ['-state', join(state, 'vms.json'), '-certificate', join(state, 'vcsim.pem')];
  const vms = guests ? ['-guest', `${process.execPath} ${guests.program}`, '-rootfs', join(state, 'guests')] : [];
  if (guests?.network) vms.push('-network', guests.network);
  const simulator = manage(
    await buildVcsim(),
    ['-user', user, '-password', password, '-with-parent', '-listen', listen, ...kept, ...vms, ...args],
    { log: join(state, 'vcsim.log'), env: { ...process.env, ...guests?.env } },
  );
  const { url, control, fingerprint } = JSON.parse(await firstLine(simulator));
  return { ...simulator, url, control, fingerprint, user, password };
}
