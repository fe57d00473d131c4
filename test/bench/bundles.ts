/** Sizes of the functions' bundles as they are packaged, and the time to load the slowest (median of 10, a process each). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'slipway-bundles-'));
// The bundler's plugin leaves a directory of each function there.
const temporary = mkdtempSync(join(tmpdir(), 'slipway-bundler-'));
const env = { ...process.env, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', TMPDIR: temporary };
execFileSync('serverless', ['package', '--stage', 'local', '--package', directory], { env, stdio: 'ignore' });
const unzip = (zip: string) => execFileSync('python3', ['-m', 'zipfile', '-e', zip, `${zip}.d`]);
const results = readdirSync(directory)
  .filter((file) => file.endsWith('.zip'))
  .map((file) => {
    unzip(join(directory, file));
    const bundle = readdirSync(join(directory, `${file}.d`), { recursive: true }).find((each) =>
      String(each).endsWith('.js'),
    );
    const path = join(directory, `${file}.d`, String(bundle));
    const times = Array.from({ length: 10 }, () => {
      const script = `const t=performance.now();require(${JSON.stringify(path)});console.log(performance.now()-t)`;
      return Number(execFileSync('node', ['-e', script], { encoding: 'utf8' }));
    }).sort((a, b) => a - b);
    return { name: file.replace('.zip', ''), bytes: statSync(path).size, importMs: Math.round(times[5] ?? 0) };
  });
for (const each of [directory, temporary]) rmSync(each, { recursive: true });
const largest = results.toSorted((a, b) => b.bytes - a.bytes)[0];
const slowest = results.toSorted((a, b) => b.importMs - a.importMs)[0];
console.log(JSON.stringify({ functions: results.length, largest, slowest }));
