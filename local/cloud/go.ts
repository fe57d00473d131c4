import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { requireVersion, run } from './command.ts';

/** Builds a Go program from a directory of sources into the cache, keyed by them. @returns the binary's path */
export async function buildGo(name: string, sources: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)));
  const binary = join(cacheDirectory(name, hash.digest('hex').slice(0, 16)), name);
  if (existsSync(binary)) return binary;
  await requireVersion('go', ['version'], [1, 25]);
  await run('go', ['build', '-o', binary, '.'], { cwd: sources });
  return binary;
}

/** Builds a program that a Go module names as its tool into the cache, keyed by the module. @returns the binary's path */
export async function buildTool(name: string, module: string, source: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module, file)));
  const binary = join(cacheDirectory(name, hash.digest('hex').slice(0, 16)), name);
  if (existsSync(binary)) return binary;
  await requireVersion('go', ['version'], [1, 26]);
  const env = { ...process.env, CGO_ENABLED: '0' };
  await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', binary, source], { cwd: module, env });
  return binary;
}
