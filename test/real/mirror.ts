import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { GATEWAY } from './network.ts';

const PORT = 8081;
export const MIRROR = `http://${GATEWAY}:${PORT}/addons`;

/** Serves a mirror of add-ons to the machines, as any web server would. */
export async function serveMirror(directory: string): Promise<Server> {
  const server = createServer((request, response) => {
    const file = join(directory, new URL(request.url ?? '/', MIRROR).pathname.replace('/addons', ''));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  server.listen(PORT, GATEWAY);
  await once(server, 'listening');
  return server;
}
