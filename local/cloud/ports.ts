import { once } from 'node:events';
import { createServer } from 'node:net';

/** A free port on a loopback address: the wanted one if it is free, else any. */
export async function freePort(wanted = 0, host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  server.listen(wanted, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (wanted === 0) throw error;
    return await freePort(0, host);
  }
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
