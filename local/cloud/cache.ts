import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A directory outside the tree for what is built or installed once, keyed by its version. @throws Error in one clear line */
export function cacheDirectory(name: string, version: string): string {
  const root = process.env.SLIPWAY_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'slipway');
  const directory = join(root, `${name}-${version}`);
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
  } catch {
    throw new Error(`No write access to ${directory}: set SLIPWAY_CACHE to a directory that you may write to.`);
  }
  return directory;
}
