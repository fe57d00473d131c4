import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';

/**
 * The host's side of a relay: what a machine hands over at this UNIX socket is connected to a port of our loopback. Paths of
 * sockets may not be longer than 107 bytes (unix(7)): give it one that is relative.
 */
export async function relay(socket: string, port: number): Promise<Server> {
  rmSync(socket, { force: true });
  const server = createServer({ allowHalfOpen: true }, (machine) => {
    const ours = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    machine.pipe(ours).pipe(machine);
    machine.on('error', () => ours.destroy());
    ours.on('error', () => machine.destroy());
  });
  server.listen(socket);
  await once(server, 'listening');
  return server;
}

/** The ports of the host's loopback that a VM's user data names. */
export function portsIn(userData: string): number[] {
  const found = userData.matchAll(/https?:\/\/127\.0\.0\.1:(\d+)/g);
  return [...new Set([...found].map(([, port]) => Number(port)))];
}
