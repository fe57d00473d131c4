import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, openSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guestinfo, type NodeDescription, renderMetadata, renderUserData } from '../../lib/bootstrap/index.ts';
import { run } from '../../local/cloud/command.ts';
import { decodeUserData, writeFiles } from '../../local/guest/cloud-init.ts';
import type { Binaries } from '../../local/kubernetes/binaries.ts';
import { plug } from './network.ts';

/** A machine without a kernel of its own: a network namespace, a host name, and a root directory with the host's programs. */
export interface Machine {
  name: string;
  address: string;
  root: string;
}

const PATH = '/opt/stand-ins:/opt/kubernetes:/opt/etcd:/opt/kubelet:/usr/sbin:/usr/bin:/sbin:/bin';
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

/** What `npm run test:real` says of its namespaces. @throws Error outside of them */
export function surroundings(): { directory: string; binaries: Binaries } {
  const { SLIPWAY_REAL } = process.env;
  if (!SLIPWAY_REAL) throw new Error('These tests need namespaces and programs of their own: npm run test:real');
  return JSON.parse(SLIPWAY_REAL);
}

/** Makes a machine and switches it on: a container runtime and a kubelet (stand-ins) run in it, and wait for kubeadm. */
export async function createMachine(name: string, address: string): Promise<Machine> {
  const { directory, binaries } = surroundings();
  const machine = { name, address, root: join(directory, name) };
  await plug(name, address);
  await makeRoot(machine, binaries);
  const log = openSync(join(machine.root, 'var/log/kubelet.log'), 'a');
  // In a process group of its own, with all that it starts.
  const kubelet = enter(machine, ['kubelet'], { stdio: ['ignore', log, log], detached: true });
  kubelet.unref();
  writeFileSync(join(machine.root, 'run/kubelet.pid'), String(kubelet.pid));
  return machine;
}

/** Runs a command in a machine to its end. */
export async function on(machine: Machine, ...command: string[]): Promise<{ code: number; output: string }> {
  const child = enter(machine, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data) => {
      output += data;
    });
  const [code] = await once(child, 'close');
  return { code, output };
}

/** As `on`. @returns what the command printed @throws Error where it fails */
export async function succeed(machine: Machine, ...command: string[]): Promise<string> {
  const { code, output } = await on(machine, ...command);
  if (code !== 0) throw new Error(`${command.join(' ')} on ${machine.name} ended with ${code}: ${output}`);
  return output;
}

/** Has a machine told by guestinfo what it is, as cloud-init is. */
function tell(machine: Machine, description: NodeDescription) {
  const metadata = renderMetadata({ instanceId: machine.name, hostname: machine.name });
  const config = decodeUserData(guestinfo({ userData: renderUserData(description), metadata }));
  writeFiles(config, machine.root);
  return config;
}

/** Boots a node, and kills all that its program runs once something has come true. */
export async function bootHalfWay(machine: Machine, description: NodeDescription, until: () => Promise<boolean>) {
  const [command = []] = tell(machine, description).runcmd;
  const program = enter(machine, command, { stdio: 'ignore', detached: true });
  const exit = once(program, 'exit');
  const ended = () => program.exitCode !== null;
  while (!ended() && !(await until())) await sleep(50);
  if (ended()) throw new Error(`${machine.name} ended by itself:\n${read(machine, '/var/log/slipway.log')}`);
  process.kill(-Number(program.pid), 'SIGKILL');
  await exit;
}

/** Boots a node: hands user data over by guestinfo, and runs it as cloud-init does. @throws Error with the end of its log */
export async function boot(machine: Machine, description: NodeDescription): Promise<void> {
  const config = tell(machine, description);
  for (const command of config.runcmd) {
    const { code } = await on(machine, ...command);
    if (code !== 0) throw new Error(`${machine.name} did not become a node:\n${read(machine, '/var/log/slipway.log')}`);
  }
}

/** Cuts the power: kills all that runs in a machine. */
export function kill(machine: Machine): void {
  process.kill(-Number(read(machine, '/run/kubelet.pid')), 'SIGKILL');
}

/** A file of a machine, as text. */
export const read = (machine: Machine, path: string) => readFileSync(join(machine.root, path), 'utf8');

function enter({ name, root }: Machine, command: string[], options: SpawnOptions) {
  const script = 'hostname "$1" && shift && exec chroot "$@"';
  const inside = ['unshare', '--uts', 'sh', '-c', script, 'sh', name, root, '/usr/bin/env', '-i', `PATH=${PATH}`];
  return spawn('ip', ['netns', 'exec', name, ...inside, 'HOME=/root', 'POLL_MAX=2', ...command], options);
}

async function makeRoot({ name, address, root }: Machine, binaries: Binaries): Promise<void> {
  const made = ['etc', 'var/log', 'var/lib', 'tmp', 'root', 'run/containerd', 'dev', 'proc', 'sys'];
  for (const directory of made) mkdirSync(join(root, directory), { recursive: true });
  symlinkSync('/run', join(root, 'var/run'));
  writeFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${address} ${name}\n`);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  for (const device of DEVICES) {
    writeFileSync(join(root, 'dev', device), '');
    await run('mount', ['--bind', join('/dev', device), join(root, 'dev', device)]);
  }
  for (const system of ['proc', 'sys']) await run('mount', ['--rbind', join('/', system), join(root, system)]);
  for (const directory of ['bin', 'sbin', 'lib', 'lib64']) {
    const host = join('/', directory);
    if (lstatSync(host).isSymbolicLink()) symlinkSync(readlinkSync(host), join(root, directory));
    else await show(host, join(root, directory));
  }
  await show('/usr', join(root, 'usr'));
  await show(binaries.kubernetes, join(root, 'opt/kubernetes'));
  await show(binaries.etcd, join(root, 'opt/etcd'));
  await show(binaries.kubelet, join(root, 'opt/kubelet'));
  await show(join(import.meta.dirname, 'bin'), join(root, 'opt/stand-ins'));
}

/** Shows a directory of the host in a machine, read-only. */
async function show(host: string, inside: string): Promise<void> {
  mkdirSync(inside, { recursive: true });
  await run('mount', ['--bind', host, inside]);
  await run('mount', ['-o', 'remount,bind,ro', inside]);
}
