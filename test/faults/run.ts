/**
 * The fault matrix: npm run test:faults [-- --scenario create --method CloneVM_Task --fault after].
 *
 * Every vCenter method that is seen meets every fault in every scenario. Ends with the plain line
 * `N cases, 0 duplicates, 0 orphans, 0 leaks`, and with 1 where something failed or was left behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startFaultCloud } from './cloud.ts';
import { noFindings } from './findings.ts';
import { testInventories } from './inventories.ts';
import { metCases, printTable, runMatrix } from './matrix.ts';
import { plantDuplicate } from './planted.ts';
import { nameOf } from './round.ts';
import { deleteUnderFire } from './under-fire.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    method: { type: 'string' },
    fault: { type: 'string' },
    /** Which call of a method in a scenario meets the fault, from 1. */
    call: { type: 'string', default: '1' },
    /** One part alone: matrix, fire, planted or inventories. */
    only: { type: 'string' },
    /** vCenters side by side. */
    lanes: { type: 'string', default: '6' },
    /** Most sessions that a connection may have open. */
    'max-sessions': { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    /** Keep the cloud's logs. */
    keep: { type: 'boolean', default: false },
  },
});
const { scenario, method, fault } = values;
const whole = !scenario && !method && !fault;
const wants = (part: 'matrix' | 'fire' | 'planted' | 'inventories') =>
  values.only ? values.only === part : whole || part === 'matrix';

const directory = mkdtempSync(join(tmpdir(), 'slipway-faults-'));
const began = Date.now();
const seconds = () => `${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s`;
const findings = noFindings();
const INVENTORIES = 1000;
let failed = 0;

console.log(`${seconds()}  starting the embedded cloud${values.keep ? ` in ${directory}` : ''}`);
const cloud = await startFaultCloud(directory, Number(values.lanes));
process.once('SIGINT', () => void cloud.stop().then(() => process.exit(130)));
async function matrix() {
  return await runMatrix(
    cloud.lanes,
    { scenario, method, fault, call: Number(values.call) },
    Number(values['max-sessions']),
    findings,
    (round, cases) => {
      const outcomes = cases
        .filter((each) => round.scenarios.includes(each.scenario) || each.outcome === 'FAILED')
        .map((each) => `${each.scenario} ${each.outcome}${each.outcome === 'FAILED' ? ` (${each.detail})` : ''}`);
      console.log(`${seconds()}  ${nameOf(round)}: ${outcomes.join(', ')}`);
    },
  );
}

const inventories = wants('inventories') ? testInventories(INVENTORIES) : undefined;
try {
  const table = wants('matrix') ? await matrix() : new Map();
  const cases = metCases(table);
  failed += cases.filter(({ outcome }) => outcome === 'FAILED').length;
  if (cases.length > 0) {
    console.log(`\n${printTable(table)}\n`);
    console.log(
      'ok: as wanted; again: ended in ERROR that says why, and as wanted when asked for again; n.a.: not called;',
    );
    console.log('-: not called, nor ever seen to be called.\n');
  }

  const [lane] = cloud.lanes;
  if (!lane) throw new Error('there is no lane');
  if (wants('fire')) {
    const asked = await deleteUnderFire(lane, findings, Number(values.seed));
    console.log(`${seconds()}  deletion under fire: ${asked} creations and deletions of one name, seed ${values.seed}`);
  }
  if (wants('planted')) {
    const found = await plantDuplicate(lane);
    console.log(`${seconds()}  the checker finds a planted duplicate: ${found.length > 0 ? 'yes' : 'NO'}`);
    if (found.length === 0) failed++;
  }
  const property = await inventories;
  if (property) {
    console.log(
      `${seconds()}  VMs of others in ${INVENTORIES} random inventories: ${property.held ? 'untouched' : 'TOUCHED'}`,
    );
    if (!property.held) {
      console.log(property.output);
      failed++;
    }
  }

  const { duplicates, orphans, leaks, secrets, records } = findings;
  for (const [what, list] of Object.entries(findings)) for (const each of list) console.log(`${what}: ${each}`);
  console.log(`${failed} failed, ${secrets.length} secrets left, ${records.length} records or locks left`);
  console.log(
    `${cases.length} cases, ${duplicates.length} duplicates, ${orphans.length} orphans, ${leaks.length} leaks`,
  );
  const left = duplicates.length + orphans.length + leaks.length + secrets.length + records.length;
  process.exitCode = failed + left === 0 ? 0 : 1;
} finally {
  await cloud.stop();
  if (!values.keep) rmSync(directory, { recursive: true, force: true });
}
