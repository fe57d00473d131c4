import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A package with one program, or with none. */
interface Package {
  name: string;
  version: string;
  /** What the program does: a shell script. */
  program?: string;
}

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

function put(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/**
 * Makes deb repositories with tiny packages, signed by a key of their own: a flat one, as Kubernetes' is, and one with a suite, as
 * containerd's is.
 * @returns the fingerprint of the key, which is `key.asc` of the directory
 */
export function makeRepositories(
  directory: string,
  flat: { path: string; packages: readonly Package[] },
  suite: { path: string; codename: string; packages: readonly Package[] },
): string {
  const home = mkdtempSync(join(tmpdir(), 'slipway-gpg-'));
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  try {
    gpg('--quick-generate-key', 'test@slipway.test', 'ed25519', 'sign', 'never');
    put(join(directory, 'key.asc'), gpg('--armor', '--export'));
    const sign = (release: string) => gpg('--clearsign', '--output', join(dirname(release), 'InRelease'), release);
    sign(makeIndex(join(directory, flat.path), '', 'Packages', '', flat.packages));
    const { path, codename, packages } = suite;
    const index = `stable/binary-${architecture()}/Packages`;
    sign(makeIndex(join(directory, path), `dists/${codename}`, index, 'stable', packages));
    const [, fingerprint] = /^fpr:*([0-9A-F]+):/m.exec(gpg('--list-keys', '--with-colons')) ?? [];
    return String(fingerprint);
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
    rmSync(home, { recursive: true });
  }
}

const architecture = () => execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();

/** Writes packages and their index below a root. @returns the Release file, to be signed */
function makeIndex(
  root: string,
  suite: string,
  index: string,
  component: string,
  packages: readonly Package[],
): string {
  const text = packages.map((each) => makePackage(root, each)).join('\n');
  const file = join(root, suite, index);
  put(file, text);
  const release = join(root, suite, 'Release');
  put(
    release,
    [
      ...[
        'Origin: test',
        `Codename: ${suite.replace('dists/', '')}`,
        `Architectures: ${architecture()} all`,
        `Components: ${component}`,
      ],
      `Date: ${new Date().toUTCString()}`,
      ...['SHA256:', ` ${sha256(file)} ${statSync(file).size} ${index}`, ''],
    ].join('\n'),
  );
  return release;
}

/** @returns its part of the index */
function makePackage(root: string, { name, version, program }: Package): string {
  const tree = mkdtempSync(join(tmpdir(), 'slipway-deb-'));
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: test\nDescription: test\n`;
  put(join(tree, 'DEBIAN', 'control'), control);
  if (program !== undefined) put(join(tree, 'usr', 'bin', name.replace('.io', '')), `#!/bin/sh\n${program}\n`, 0o755);
  const file = `${name}_${version}_all.deb`;
  mkdirSync(root, { recursive: true });
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, join(root, file)], { stdio: 'ignore' });
  rmSync(tree, { recursive: true });
  return `${control}Filename: ${file}\nSize: ${statSync(join(root, file)).size}\nSHA256: ${sha256(join(root, file))}\n`;
}
