import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import type { Guest } from './kubeadm.ts';

const PORT = 6443;
/** Milliseconds between two tries to have it. */
const TRY_EVERY = 500;

let contender: { timer: NodeJS.Timeout; server: Server } | undefined;
/** What the stand-in for `ip` shows. */
const held = ({ rootfs }: Guest) => join(rootfs, 'run/virtual-ip');

/**
 * Stands in for keepalived: of the guests that contend for a cluster's virtual IP one has it, since none can listen where
 * another does. Where that one ends, the next one gets it.
 */
export function contend(guest: Guest): void {
  const environment = readFileSync(join(guest.rootfs, 'etc/slipway/node.env'), 'utf8');
  const address = /^VIRTUAL_IP='([\d.]+)'$/m.exec(environment)?.[1];
  if (contender || !address) return;
  const server = createServer((from) => {
    const to = connect(PORT, guest.address);
    from.pipe(to).pipe(from);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.on('error', () => other.destroy());
    }
  });
  server.on('error', () => undefined);
  server.on('listening', () => {
    mkdirSync(dirname(held(guest)), { recursive: true });
    writeFileSync(held(guest), address);
  });
  const attempt = () => {
    if (!server.listening) server.listen(PORT, address);
  };
  attempt();
  contender = { server, timer: setInterval(attempt, TRY_EVERY) };
}

/** Gives it up. */
export function withdraw(guest: Guest): void {
  clearInterval(contender?.timer);
  contender?.server.close();
  contender = undefined;
  rmSync(held(guest), { force: true });
}

/** Goes on with what systemd would start. */
export function resumeVirtualIp(guest: Guest): void {
  rmSync(held(guest), { force: true });
  if (existsSync(join(guest.rootfs, 'etc/systemd/system/slipway-virtual-ip.timer'))) contend(guest);
}
