import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { requireVersion, run } from './command.ts';

/** The emulator of AWS, pinned: the launcher mends one place of it. */
const MINISTACK = '1.5.33';
const CRYPTOGRAPHY = '50.0.2';

/** Installs MiniStack in a virtual environment in the cache, where it is missing. @returns the environment's Python */
export async function installMinistack(): Promise<string> {
  await requireVersion('python3', ['--version'], [3, 11]);
  const directory = cacheDirectory('ministack', `${MINISTACK}-${CRYPTOGRAPHY}`);
  const python = join(directory, 'venv', 'bin', 'python');
  const done = join(directory, 'done');
  if (!existsSync(done)) {
    await run('python3', ['-m', 'venv', '--clear', join(directory, 'venv')]);
    await run(python, ['-m', 'pip', 'install', '--quiet', `ministack==${MINISTACK}`, `cryptography==${CRYPTOGRAPHY}`]);
    writeFileSync(done, '');
  }
  return python;
}
