import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { cacheDirectory } from '../../local/cloud/cache.ts';
import { requireVersion } from '../../local/cloud/command.ts';
import { freePort } from '../../local/cloud/ports.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-local-'));
afterAll(() => rmSync(directory, { recursive: true }));

const program = (name: string, says: string) => {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
  return file;
};

test('a program that is too old or missing is one clear line', async () => {
  const old = program('python3', 'Python 3.9.2');
  await expect(requireVersion(old, ['--version'], [3, 11])).rejects.toThrow(
    /needs .*python3 3\.11 or newer, and found Python 3\.9\.2: install a newer one/,
  );
  await expect(requireVersion(join(directory, 'none'), ['version'], [1, 25])).rejects.toThrow(
    /needs .*none 1\.25 or newer, and found none/,
  );
  await expect(requireVersion(program('go', 'go version go1.26.0'), ['version'], [1, 25])).resolves.toBeUndefined();
});

test('no write access to the cache is one clear line', () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  vi.stubEnv('SLIPWAY_CACHE', file);
  expect(() => cacheDirectory('x', '1')).toThrow(/No write access to .*file.*: set SLIPWAY_CACHE/);
  vi.unstubAllEnvs();
});

test('where a port is taken, another is', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const other = await freePort(port);
  expect([other === port, other > 0]).toEqual([false, true]);
  server.close();
  await new Promise((resolve) => server.once('close', resolve));
  expect(await freePort(port)).toBe(port);
});

/** Runs `npm start` where it can not. @returns its exit code, and what it said */
function refusedStart(args: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, SLIPWAY_STATE: join(directory, 'state'), ...environment };
  const { status, stderr } = spawnSync(process.execPath, ['local/start.ts', ...args], { env, encoding: 'utf8' });
  expect(existsSync(join(directory, 'state'))).toBe(false);
  return [status, stderr.trim()];
}

test('npm start on the real Kubernetes says before anything is done what it lacks', () => {
  expect(refusedStart(['--kubernetes', 'genuine'])).toEqual([2, '--kubernetes is stand-in or real, not genuine']);
  const nothing = join(directory, 'nothing');
  mkdirSync(nothing);
  const needs = /^Real Kubernetes needs (root, .* Run: sudo|ip, unshare, .*: install iproute2, util-linux, )/;
  expect(refusedStart(['--kubernetes', 'real'], { PATH: nothing })).toEqual([1, expect.stringMatching(needs)]);
});

test('npm start without Python says so in one line, and leaves nothing behind', () => {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  const env = {
    PATH: bin,
    HOME: directory,
    SLIPWAY_CACHE: join(directory, 'cache'),
    SLIPWAY_STATE: join(directory, 'state'),
  };
  const failure = (() => {
    try {
      return execFileSync(process.execPath, ['local/start.ts'], { env, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      return error as { status: number; stderr: string };
    }
  })() as { status: number; stderr: string };
  expect(failure.status).toBe(1);
  const lines = failure.stderr
    .trim()
    .split('\n')
    .filter((line) => line.includes('Python') || line.includes('python3'));
  expect(lines.at(-1)).toMatch(/Slipway's embedded cloud needs python3 3\.11 or newer, and found none/);
});
