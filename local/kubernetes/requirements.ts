import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { requireVersion, run } from '../cloud/command.ts';
import { isBuilt } from './binaries.ts';
import { INTERFACE } from './network.ts';

/** Programs that machines are made with, by the Debian package that has them. */
const PROGRAMS: Record<string, string> = {
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  chroot: 'coreutils',
  hostname: 'hostname',
};

/** Checks that machines can be made here, where our network is not only ours. @throws Error in one line that says what to do */
export async function requireMachines(): Promise<void> {
  if (process.platform !== 'linux') throw new Error(`Real Kubernetes needs Linux, and this is ${process.platform}.`);
  const missing = Object.keys(PROGRAMS).filter((program) => !isInstalled(program));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => PROGRAMS[program]))];
    throw new Error(`Real Kubernetes needs ${missing.join(', ')}: install ${packages.join(', ')} (Debian, Ubuntu).`);
  }
  if (!isBuilt()) await requireVersion('go', ['version'], [1, 26]);
}

/**
 * Checks that guests may be machines of this host: root, and as `requireMachines`, and that their network is free.
 * @param network its first two octets
 * @throws Error in one line that says what to do
 */
export async function requireRealGuests(network: string): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error(
      'Real Kubernetes needs root, for network namespaces and mounts. Run: sudo env "PATH=$PATH" npm start -- --kubernetes real',
    );
  await requireMachines();
  await run('unshare', ['--net', '--mount', '--pid', '--fork', 'true']).catch((error: Error) => {
    throw new Error(
      `Real Kubernetes needs namespaces, which root may not make here (in a container?): ${error.message}`,
    );
  });
  const routes = await run('ip', ['-o', 'route', 'show', 'to', 'match', `${network}.0.1`]);
  const [taken] = routes.split('\n').filter((route) => route && !route.startsWith('default'));
  if (!taken) return;
  throw new Error(
    taken.includes(INTERFACE)
      ? 'Real Kubernetes runs already on this machine, with another state directory (SLIPWAY_STATE): end that first.'
      : `Real Kubernetes needs the network ${network}.0.0/16, which is in use here (${taken.trim()}): end what uses it.`,
  );
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
