import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../local/cloud/cache.ts';
import { run } from '../../local/cloud/command.ts';

/** Why the tests can not run here; undefined where they can. They need Debian or Ubuntu, and root for network namespaces. */
export function cannotRun(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, to make network namespaces';
  const missing = ['/usr/bin/apt-get', '/usr/bin/dpkg'].filter((file) => !existsSync(file));
  return missing.length > 0 ? `needs Debian or Ubuntu: there is no ${missing.join(', ')}` : undefined;
}

/**
 * Debian's keepalived and the libraries that the system lacks, in the cache: nothing is installed into the system.
 * @returns the program, and the environment that it needs
 */
export async function fetchKeepalived(): Promise<{ program: string; env: { LD_LIBRARY_PATH: string } }> {
  const [, system = ''] = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? [];
  const directory = cacheDirectory('keepalived', system);
  const root = join(directory, 'root');
  const done = join(directory, 'done');
  if (!existsSync(done)) {
    rmSync(root, { recursive: true, force: true });
    const options = ['--yes', '--no-install-recommends', '--download-only', '-o', 'Debug::NoLocking=1'];
    await run('apt-get', [...options, '-o', `Dir::Cache::archives=${directory}`, 'install', 'keepalived']);
    for (const file of readdirSync(directory).filter((each) => each.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(directory, file), root]);
    }
    writeFileSync(done, '');
  }
  const libraries = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(({ name }) => /\.so\.\d+$/.test(name))
    .map(({ parentPath }) => parentPath);
  return {
    program: join(root, 'usr/sbin/keepalived'),
    env: { LD_LIBRARY_PATH: [...new Set(libraries)].join(':') || dirname(root) },
  };
}
