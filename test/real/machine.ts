import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guestinfo, type NodeDescription, renderMetadata, renderUserData } from '../../lib/bootstrap/index.ts';
import { decodeUserData, writeFiles } from '../../local/guest/cloud-init.ts';
import type { Binaries } from '../../local/kubernetes/binaries.ts';
import { enter, type Machine, switchOn } from '../../local/kubernetes/machine.ts';
import type { Network } from '../../local/kubernetes/network.ts';

export type { Machine };

/** What `npm run test:real` says of its namespaces. @throws Error outside of them */
export function surroundings(): { directory: string; binaries: Binaries } {
  const { SLIPWAY_REAL } = process.env;
  if (!SLIPWAY_REAL) throw new Error('These tests need namespaces and programs of their own: npm run test:real');
  return JSON.parse(SLIPWAY_REAL);
}

/** The file that says how the network is reached which the tests' set-up makes. */
export const networkFile = () => join(surroundings().directory, 'network.json');
const pidFile = ({ root }: Machine) => `${root}.pid`;
const pidOf = (machine: Machine) => Number(readFileSync(pidFile(machine), 'utf8'));

/** Makes a machine and switches it on: a container runtime and a kubelet (stand-ins) run in it, and wait for kubeadm. */
export async function createMachine(name: string, address: string): Promise<Machine> {
  const { directory, binaries } = surroundings();
  const machine = { name, address, root: join(directory, name) };
  const network: Network = JSON.parse(readFileSync(networkFile(), 'utf8'));
  const programs = { test: join(import.meta.dirname, 'bin') };
  const { process, pid } = await switchOn(machine, { network, binaries, programs, detached: true });
  process.unref();
  writeFileSync(pidFile(machine), String(pid));
  return machine;
}

/** Runs a command in a machine to its end. */
export async function on(machine: Machine, ...command: string[]): Promise<{ code: number; output: string }> {
  const child = enter(pidOf(machine), command, { stdio: ['ignore', 'pipe', 'pipe'] });
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
  const program = enter(pidOf(machine), command, { stdio: 'ignore', detached: true });
  const exit = once(program, 'exit');
  const ended = () => program.exitCode !== null;
  while (!ended() && !(await until())) await sleep(50);
  if (ended()) throw new Error(`${machine.name} ended by itself:\n${read(machine, '/var/log/slipway.log')}`);
  process.kill(-Number(program.pid), 'SIGKILL');
  await exit;
}

/** In which a node boots: sooner than a test is over, so that the end of the log is told. */
const BOOT_SECONDS = '150';

/** Boots a node: hands user data over by guestinfo, and runs it as cloud-init does. @throws Error with the end of its log */
export async function boot(machine: Machine, description: NodeDescription): Promise<void> {
  const config = tell(machine, description);
  for (const command of config.runcmd) {
    const { code } = await on(machine, 'timeout', BOOT_SECONDS, ...command);
    if (code !== 0) throw new Error(`${machine.name} did not become a node:\n${read(machine, '/var/log/slipway.log')}`);
  }
}

/** Cuts the power: kills all that runs in a machine. */
export function kill(machine: Machine): void {
  process.kill(pidOf(machine), 'SIGKILL');
}

/** A file of a machine, as text. */
export const read = (machine: Machine, path: string) => readFileSync(join(machine.root, path), 'utf8');
