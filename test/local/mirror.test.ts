import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Addon } from '../../lib/addons/catalogue.ts';
import { makeMirror } from '../../local/addons/mirror.ts';

const TEXT = 'kind: List\n';
const PATH = 'some/v1.2.3/some.yaml';
let directory: string;
let server: Server;
let url: string;
let asked: number;

const addon = (name: string, more: Partial<Addon['files'][number]> = {}): Addon => ({
  name,
  version: 'v1.2.3',
  files: [
    { name: `${name}.yaml`, sha256: createHash('sha256').update(TEXT).digest('hex'), url: `${url}/${name}`, ...more },
  ],
});
const file = () => join(directory, PATH);

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-mirror-'));
  asked = 0;
  server = createServer((request, response) => {
    asked++;
    if (request.url === '/gone') return response.writeHead(404).end();
    response.end(TEXT);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

test('a file is brought where nodes ask for it, once; what is not as it was pinned is brought again', async () => {
  expect(await makeMirror(directory, [addon('some')])).toEqual([{ path: PATH }]);
  await makeMirror(directory, [addon('some')]);
  expect([readFileSync(file(), 'utf8'), asked]).toEqual([TEXT, 1]);
  writeFileSync(file(), 'half of it');
  await makeMirror(directory, [addon('some')]);
  expect([readFileSync(file(), 'utf8'), asked]).toEqual([TEXT, 2]);
});

test('what is not as it was pinned, or not there, is told, and the rest is brought', async () => {
  const nowhere = { url: 'http://127.0.0.1:9/x' };
  const wrong = { sha256: '0'.repeat(64) };
  const mirrored = await makeMirror(directory, [
    addon('gone'),
    addon('far', nowhere),
    addon('wrong', wrong),
    addon('some'),
  ]);
  expect(mirrored).toEqual([
    { path: 'gone/v1.2.3/gone.yaml', error: `${url}/gone answers 404` },
    { path: 'far/v1.2.3/far.yaml', error: expect.stringContaining('is not reached: ') },
    { path: 'wrong/v1.2.3/wrong.yaml', error: expect.stringMatching(/^its SHA-256 is [0-9a-f]{64}, not 0{64}$/) },
    { path: PATH },
  ]);
  expect(existsSync(join(directory, 'wrong/v1.2.3/wrong.yaml'))).toBe(false);
});
