import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { requireVersion, run } from './command.ts';

/** Installs pinned Python packages in a virtual environment in the cache, where it is missing. @returns its bin directory */
export async function installPython(name: string, packages: Record<string, string>): Promise<string> {
  await requireVersion('python3', ['--version'], [3, 11]);
  const directory = cacheDirectory(name, Object.values(packages).join('-'));
  const bin = join(directory, 'venv', 'bin');
  const done = join(directory, 'done');
  if (!existsSync(done)) {
    const pinned = Object.entries(packages).map(([each, version]) => `${each}==${version}`);
    await run('python3', ['-m', 'venv', '--clear', join(directory, 'venv')]);
    await run(join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', ...pinned]);
    writeFileSync(done, '');
  }
  return bin;
}
