/**
 * A guest on the real Kubernetes: the machine that runs while its VM is powered on. As ../guest/guest.ts it reads its VM's name,
 * address and extraConfig from the first line of standard input, and ends when that is closed. Its root directory is the VM's disk.
 */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFirstBoot, runsNodeProgram } from '../guest/boots.ts';
import { decodeUserData, writeFiles } from '../guest/cloud-init.ts';
import { readSurroundings } from './guests.ts';
import { enter, type Machine, switchOn } from './machine.ts';
import { portsIn, relay } from './relay.ts';

interface Told {
  name: string;
  address: string;
  rootfs: string;
  extraConfig: Record<string, string>;
}

async function boot({ name, address, rootfs: root, extraConfig }: Told): Promise<void> {
  const machine: Machine = { name, address, root };
  const config = decodeUserData(extraConfig);
  const ports = portsIn(JSON.stringify(config));
  mkdirSync(join(root, 'run'), { recursive: true });
  process.chdir(root);
  for (const port of ports) await relay(`run/relay-${port}`, port);
  const running = await switchOn(machine, { ...readSurroundings(), ports });
  running.process.once('exit', () => process.exit(1));
  const run = (command: string[]) => once(enter(running.pid, command, { stdio: 'ignore' }), 'exit');
  if (!isFirstBoot(root)) {
    if (runsNodeProgram(root)) await run(['sh', '/var/lib/slipway/node-program.sh']);
    return;
  }
  writeFiles(config, root);
  for (const command of config.runcmd) await run(command);
}

const lines = createInterface({ input: process.stdin });
const closed = once(lines, 'close');
const [line] = (await once(lines, 'line')) as [string];
const { name } = JSON.parse(line) as Told;
boot(JSON.parse(line)).catch((error: Error) => {
  console.error(`guest of ${name}: ${error.message}`);
  process.exit(1);
});
await closed;
process.exit(0);
