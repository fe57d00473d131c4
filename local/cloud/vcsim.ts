import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { requireVersion, run } from './command.ts';
import { freePort } from './ports.ts';
import { firstLine, type Managed, manage } from './processes.ts';

/**
 * An address of its own: in the functions of the embedded AWS, https to 127.0.0.1 is taken for the AWS itself and downgraded.
 */
const HOST = '127.0.0.2';
const SOURCES = join(import.meta.dirname, '..', 'vcsim');

/** Builds the vCenter simulator into the cache, keyed by its sources. @returns the binary's path */
export async function buildVcsim(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of readdirSync(SOURCES).sort()) hash.update(readFileSync(join(SOURCES, file)));
  const binary = join(cacheDirectory('vcsim', hash.digest('hex').slice(0, 16)), 'vcsim');
  if (existsSync(binary)) return binary;
  await requireVersion('go', ['version'], [1, 25]);
  await run('go', ['build', '-o', binary, '.'], { cwd: SOURCES });
  return binary;
}

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
