/**
 * Runs the tests on the real Kubernetes: builds it, then runs vitest in namespaces of its own, so that machines have addresses,
 * ports and files of their own and nothing of them is left. Needs unprivileged user namespaces, or root.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildKubernetes } from '../../local/kubernetes/binaries.ts';
import { NAMESPACES } from './namespaces.ts';

const began = Date.now();
const binaries = await buildKubernetes();
console.log(`Kubernetes and etcd are built (${Math.round((Date.now() - began) / 1000)} s)`);

const directory = mkdtempSync(join(tmpdir(), 'slipway-real-'));
const vitest = ['vitest', 'run', '--project', 'real', ...process.argv.slice(2)];
const { status, error } = spawnSync('unshare', [...NAMESPACES, ...vitest], {
  stdio: 'inherit',
  env: { ...process.env, SLIPWAY_REAL: JSON.stringify({ directory, binaries }) },
});
if (error) console.error(`unshare does not run: ${error.message}`);
// What was in it was in a file system of the namespace.
rmdirSync(directory);
process.exitCode = status ?? 1;
