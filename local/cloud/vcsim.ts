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

/** A running vCenter simulator. */
export interface Vcsim extends Managed {
  url: string;
  control: string;
  fingerprint: string;
  user: string;
  password: string;
}

/** Starts the simulator. `state` is a directory in which it keeps its VMs; `args` are its further flags. */
export async function startVcsim({
  port,
  password,
  state,
  args = [],
}: {
  port: number;
  password: string;
  state: string;
  args?: string[];
}): Promise<Vcsim> {
  const user = 'administrator@vsphere.local';
  const listen = `${HOST}:${await freePort(port, HOST)}`;
  const kept = ['-state', join(state, 'vms.json'), '-certificate', join(state, 'vcsim.pem')];
  const process = manage(
    await buildVcsim(),
    ['-user', user, '-password', password, '-with-parent', '-listen', listen, ...kept, ...args],
    { log: join(state, 'vcsim.log') },
  );
  const { url, control, fingerprint } = JSON.parse(await firstLine(process));
  return { ...process, url, control, fingerprint, user, password };
}
