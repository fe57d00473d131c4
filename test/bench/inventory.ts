/**
 * The scale check's read of a vCenter's VMs, side by side with govc's of the same three properties: --vms N [--ours N]
 * [--repeat N]. All are whole processes that sign in, read and sign out; ours is bundled as it is deployed. govc prints JSON: its
 * table takes a hundred times as long. A program that uses its library in the fastest way is measured as well.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { deploymentPrefix } from '../../lib/cluster/identity.ts';
import { run } from '../../local/cloud/command.ts';
import { buildGo } from '../../local/cloud/go.ts';
import { startVcsim } from '../../local/cloud/vcsim.ts';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    vms: { type: 'string', default: '10000' },
    ours: { type: 'string', default: '1000' },
    repeat: { type: 'string', default: '5' },
  },
});
const uuidPrefix = deploymentPrefix('bench');
const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const bundle = join(directory, 'read-inventory.mjs');
const entryPoints = [join(import.meta.dirname, 'read-inventory.ts')];
// CommonJS packages in it ask for Node's own modules.
const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
await build({ entryPoints, outfile: bundle, bundle: true, platform: 'node', format: 'esm', minify: true, banner });
const govc = await buildGo('govc', join(import.meta.dirname, 'govc'));

const args = ['-machines', values.vms, '-ours', values.ours, '-uuid-prefix', uuidPrefix];
const vcsim = await startVcsim({ port: 0, password: 'bench', state: directory, args });
const { url, user, password, fingerprint, control } = vcsim;

/** Runs it and counts its vCenter requests. */
async function timed<T>(task: () => Promise<T>): Promise<{ output: T; ms: number; requests: number }> {
  await fetch(`${control}/requests`, { method: 'DELETE' });
  const began = performance.now();
  const output = await task();
  const ms = performance.now() - began;
  const counts = (await (await fetch(`${control}/requests`)).json()) as Record<string, number>;
  return { output, ms, requests: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}

async function readOurs() {
  const BENCH_READ = JSON.stringify({ connection: { url, user, password, fingerprint }, uuidPrefix });
  const { output, ms, requests } = await timed(() => run('node', [bundle], { env: { ...process.env, BENCH_READ } }));
  const read: { found: number; readMs: number; memoryMiB: number } = JSON.parse(output);
  if (read.found !== Number(values.ours)) throw new Error(`${read.found} VMs found of ${values.ours}`);
  return { ...read, ms, requests };
}

async function readByGovc(...command: string[]) {
  const env = {
    ...process.env,
    GOVC_URL: url,
    GOVC_USERNAME: user,
    GOVC_PASSWORD: password,
    GOVC_INSECURE: '1',
    GOVC_PERSIST_SESSION: 'false',
  };
  const properties = ['name', 'config.instanceUuid', 'runtime.powerState'];
  const read = await timed(() => run(govc, [...command, ...properties], { env }));
  // The template is one more.
  const uuids = new Set(read.output.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)).size;
  if (uuids !== Number(values.vms) + 1) throw new Error(`govc ${command[0]} found ${uuids} VMs`);
  return read;
}
const collect = () => readByGovc('object.collect', '-json', '-type', 'm', '/');
const retrieve = () => readByGovc('retrieve');

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
try {
  const ours: Awaited<ReturnType<typeof readOurs>>[] = [];
  const collected: Awaited<ReturnType<typeof readByGovc>>[] = [];
  const retrieved: typeof collected = [];
  for (let i = 0; i < Number(values.repeat); i++) {
    ours.push(await readOurs());
    collected.push(await collect());
    retrieved.push(await retrieve());
  }
  const ms = (reads: { ms: number }[]) => median(reads.map((read) => read.ms));
  console.log(
    JSON.stringify({
      vms: Number(values.vms),
      ours: Number(values.ours),
      repetitions: Number(values.repeat),
      oursMs: Math.round(ms(ours)),
      oursReadMs: Math.round(median(ours.map(({ readMs }) => readMs))),
      oursMemoryMiB: Math.round(Math.max(...ours.map(({ memoryMiB }) => memoryMiB))),
      oursRequests: ours[0]?.requests,
      govcMs: Math.round(ms(collected)),
      govcRequests: collected[0]?.requests,
      ratio: Number((ms(ours) / ms(collected)).toFixed(2)),
      govmomiMs: Math.round(ms(retrieved)),
      govmomiRequests: retrieved[0]?.requests,
      ratioToGovmomi: Number((ms(ours) / ms(retrieved)).toFixed(2)),
    }),
  );
} finally {
  await vcsim.stop();
  rmSync(directory, { recursive: true });
}
