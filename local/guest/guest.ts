/**
 * A guest: what runs in a VM of the embedded cloud while it is powered on. It reads its VM's name, address and extraConfig from
 * the first line of standard input, decodes the user data as cloud-init would, and runs it at its
 * first boot; at a later one it starts what is enabled, as systemd would. It ends when the input is closed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFirstBoot, runsNodeProgram } from './boots.ts';
import { decodeUserData, writeFiles } from './cloud-init.ts';
import { environment } from './environment.ts';
import { type Guest, kubeadm, resumeControlPlane } from './kubeadm.ts';
import { pke } from './pke.ts';
import { startTimer } from './timer.ts';
import { contend, resumeVirtualIp, withdraw } from './virtual-ip.ts';

/** Where the stand-ins ask the guest for what needs more than a shell. */
const PORT = 7070;

type Machine = Guest & { extraConfig: Record<string, string> };

function serveStandIns(guest: Guest): void {
  createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    try {
      const [, program, command = ''] = String(request.url).split('/');
      if (program === 'timer') startTimer(command, guest);
      else if (program === 'virtual-ip') command === 'contend' ? contend(guest) : withdraw(guest);
      else if (program === 'pke') await pke(text.trim().split('\n'), guest);
      else await kubeadm(command, text, guest);
      response.end('');
    } catch (error) {
      response.writeHead(500).end(`${error instanceof Error ? error.message : error}\n`);
    }
  }).listen(PORT, guest.address);
}

async function boot({ extraConfig, ...guest }: Machine): Promise<void> {
  serveStandIns(guest);
  resumeControlPlane(guest);
  resumeVirtualIp(guest);
  const env = environment(guest);
  const run = async (program: string, args: string[]) => once(spawn(program, args, { env, stdio: 'ignore' }), 'exit');
  if (!isFirstBoot(guest.rootfs)) {
    if (runsNodeProgram(guest.rootfs)) await run('sh', [join(guest.rootfs, 'var/lib/slipway/node-program.sh')]);
    return;
  }
  const config = decodeUserData(extraConfig);
  mkdirSync(join(guest.rootfs, 'var/log'), { recursive: true });
  writeFiles(config, guest.rootfs);
  for (const [program, ...args] of config.runcmd) await run(String(program), args);
}

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => void boot(JSON.parse(line)));
lines.once('close', () => process.exit(0));
