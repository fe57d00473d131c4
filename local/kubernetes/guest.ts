/**
 * A guest on the real Kubernetes: the machine that runs while its VM is powered on. As ../guest/guest.ts it reads its VM's name,
 * address and extraConfig from the first line of standard input, and ends when that is closed. Its root directory is the VM's disk.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeUserData } from '../guest/cloud-init.ts';
import { readSurroundings } from './guests.ts';
import { firstBoot, type Machine, switchOn } from './machine.ts';
import { portsIn, relay } from './relay.ts';

interface Told {
  name: string;
  address: string;
  rootfs: string;
  extraConfig: Record<string, string>;
}

async function boot({ name, address, rootfs: root, extraConfig }: Told): Promise<void> {
  const machine: Machine = { name, address, root };
  const ports = portsIn(JSON.stringify(decodeUserData(extraConfig)));
  mkdirSync(join(root, 'run'), { recursive: true });
  process.chdir(root);
  for (const port of ports) await relay(`run/relay-${port}`, port);
  const running = await switchOn(machine, { ...readSurroundings(), ports });
  running.process.once('exit', () => process.exit(1));
  const finished = join(root, 'var/lib/cloud/instance/boot-finished');
  if (existsSync(finished)) return;
  await firstBoot(machine, running, extraConfig);
  mkdirSync(dirname(finished), { recursive: true });
  writeFileSync(finished, '');
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
