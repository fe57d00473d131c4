import { type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeMirror } from '../../local/addons/mirror.ts';
import { installMinistack } from '../../local/cloud/ministack.ts';
import { buildVcsim } from '../../local/cloud/vcsim.ts';
import { type Binaries, buildKubernetes } from '../../local/kubernetes/binaries.ts';
import { requireMachines } from '../../local/kubernetes/requirements.ts';
import { MIRRORED } from './mirrored.ts';

/** Tests on the real Kubernetes: of machines alone, and of the whole embedded cloud with machines for guests. */
export const PROJECTS = ['real', 'real-cloud'] as const;
export type Project = (typeof PROJECTS)[number];

/**
 * Arguments of vitest, by which each test runs once: one group after another, those of a group side by side, for they mostly
 * wait. The last is alone, since its clusters of etcd elect anew where the machine is too busy.
 */
export const GROUPS: readonly (readonly { project: Project; args: string[] }[])[] = [
  [
    { project: 'real', args: ['test/real/half-way.test.ts'] },
    { project: 'real-cloud', args: [] },
  ],
  [{ project: 'real', args: ['--exclude', 'test/real/half-way.test.ts'] }],
];

/** Those of users, too, where we are not root. */
const NAMESPACES = [
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  ...['--net', '--mount', '--mount-proc', '--pid', '--fork', '--kill-child'],
];

/** Why the tests can not run here; undefined where they can. */
export async function cannotRun(): Promise<string | undefined> {
  try {
    await requireMachines();
  } catch (error) {
    return (error as Error).message;
  }
  const { status, stderr, error } = spawnSync('unshare', [...NAMESPACES, 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `needs root or unprivileged user namespaces: ${error?.message ?? stderr.trim()}`;
}

/** Builds what the tests run, outside of their namespaces, which have no way out. */
export async function prepare(): Promise<Binaries> {
  await installMinistack();
  await buildVcsim();
  // What the add-ons are made of is a part of Go's cache from now on.
  const mirror = mkdtempSync(join(tmpdir(), 'slipway-mirror-'));
  await makeMirror(mirror, MIRRORED);
  rmSync(mirror, { recursive: true });
  return await buildKubernetes((program) => console.log(`Building ${program}`));
}

/**
 * Runs a project of tests in namespaces of their own, so that machines have addresses, ports and files of their own and nothing
 * of them is left.
 * @param args further ones for vitest
 * @returns vitest's exit code
 */
export async function runInNamespaces(
  project: Project,
  binaries: Binaries,
  args: string[],
  stdio: StdioOptions,
): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-real-'));
  const child = spawn('unshare', [...NAMESPACES, 'vitest', 'run', '--project', project, ...args], {
    stdio,
    env: { ...process.env, SLIPWAY_REAL: JSON.stringify({ directory, binaries }) },
  });
  const [status] = await once(child, 'exit');
  // What was in it was in a file system of the namespace.
  rmdirSync(directory);
  return status ?? 1;
}
