import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { type Network, plug, until } from './network.ts';

/**
 * A machine without a kernel of its own: namespaces for its network, its processes, its mounts and its host name, and a root
 * directory, its disk, in which the host's programs are shown.
 */
export interface Machine {
  name: string;
  address: string;
  /** Its disk. */
  root: string;
}

/** A machine that is on. */
export interface Running {
  process: ChildProcess;
  /** Its first process. All that runs in it ends with that. */
  pid: number;
}

const STAND_INS = join(import.meta.dirname, 'bin');
const NAMESPACES = ['--mount', '--uts', '--net', '--pid', '--ipc', '--fork', '--kill-child'];

/**
 * Switches a machine on: a container runtime and a kubelet (stand-ins) run in it, and wait for kubeadm or go on with what it left.
 * It goes off when this process ends. Needs root, or a user namespace in which we are.
 * @param programs further directories of programs by name, which come first; they find what they stand in for below /opt
 * @param ports of the host's loopback that are the machine's, too: see relay.ts
 */
export async function switchOn(
  machine: Machine,
  {
    network,
    binaries,
    programs = {},
    ports = [],
    detached = false,
  }: {
    network: Network;
    binaries: Binaries;
    programs?: Record<string, string>;
    ports?: number[];
    /** It stays on when this process ends. */
    detached?: boolean;
  },
): Promise<Running> {
  const { name, address, root } = machine;
  for (const directory of ['etc', 'var/log']) mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${address} ${name}\n`);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  const [gateway = '', prefix] = network.gateway.split('/');
  const shown = { ...programs, machine: STAND_INS, ...binaries };
  const command = [
    ...['unshare', ...NAMESPACES, 'sh', join(import.meta.dirname, 'machine.sh')],
    ...[root, name, `${address}/${prefix}`, gateway],
    ...Object.entries(shown).map(([path, directory]) => `${path}=${directory}`),
    ...['--', 'kubelet', ...ports.map((port) => `--relay=${port}`)],
  ];
  const log = openSync(join(root, 'var/log/kubelet.log'), 'a');
  const options: SpawnOptions = { stdio: ['ignore', log, log], detached };
  const process = detached
    ? spawn('unshare', command.slice(1), options)
    : spawn('setpriv', ['--pdeathsig', 'KILL', ...command], options);
  process.on('error', () => undefined);
  const off = () => new Error(`${name} does not run: ${readFileSync(join(root, 'var/log/kubelet.log'), 'utf8')}`);
  const pid = await until(`${name} is on`, () => {
    if (process.exitCode !== null) throw off();
    return childOf(process.pid);
  });
  await plug(network, pid, address);
  // Its root is its own, and it may be entered.
  await until(`${name} has booted`, () => {
    if (process.exitCode !== null) throw off();
    return programOf(pid) === 'kubelet' || undefined;
  });
  return { process, pid };
}

/** Starts a command in a machine that is on, whose first process is `pid`. */
export function enter(pid: number, command: string[], options: SpawnOptions): ChildProcess {
  const namespaces = ['--mount', '--uts', '--net', '--pid', '--ipc', '--root', '--wd'];
  // It has what the first process has.
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const inside = ['/usr/bin/env', '-i', ...environment, ...command];
  return spawn('nsenter', ['--target', String(pid), ...namespaces, ...inside], options);
}

/** The only child of a process, where it has one. */
function childOf(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()) || undefined;
  } catch {
    return undefined;
  }
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
  } catch {
    return '';
  }
}
