import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../local/cloud/cache.ts';
import { run } from '../local/cloud/command.ts';

/** What no test reads, of a size that matters. */
const UNUSED = ['doc', 'i18n', 'info', 'locale', 'man'].map((name) => `--exclude=./usr/share/${name}`);

/**
 * Unpacks packages of this machine's Debian, with what they depend on, in the cache, where they are missing there. No package is
 * installed in the system, no script of theirs is run, and apt's own lists stay as they are.
 * @returns the root of the tree
 */
export async function debianTree(name: string, packages: readonly string[]): Promise<string> {
  const key = createHash('sha256').update(readFileSync('/etc/os-release')).update(packages.join(' ')).digest('hex');
  const directory = cacheDirectory(name, key.slice(0, 16));
  const tree = join(directory, 'tree');
  if (existsSync(tree)) return tree;
  const work = mkdtempSync(join(directory, 'new-'));
  try {
    await download(work, packages);
    await unpack(work);
    // Whole or not at all. Where another process was faster, its tree is as good.
    if (!existsSync(tree)) renameSync(join(work, 'tree'), tree);
  } finally {
    rmSync(work, { recursive: true });
  }
  return tree;
}

async function download(work: string, packages: readonly string[]): Promise<void> {
  const status = join(work, 'status');
  writeFileSync(status, '');
  for (const part of ['state/lists', 'cache/archives']) mkdirSync(join(work, part, 'partial'), { recursive: true });
  const settings = {
    'Dir::State': join(work, 'state'),
    'Dir::State::status': status,
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await run('apt-get', [...options, '-q', 'update']);
  await run('apt-get', [...options, '-q', '-y', '--no-install-recommends', '--download-only', 'install', ...packages]);
}

async function unpack(work: string): Promise<void> {
  const archives = join(work, 'cache', 'archives');
  mkdirSync(join(work, 'tree'));
  for (const file of readdirSync(archives).filter((each) => each.endsWith('.deb'))) {
    const contents = join(work, 'contents.tar');
    await run('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" >"$2"', 'sh', join(archives, file), contents]);
    await run('tar', ['-x', '-f', contents, '-C', join(work, 'tree'), '--keep-directory-symlink', ...UNUSED]);
  }
}
