/**
 * The cost of a cluster's life over its size: a table on standard output, and docs/benchmarks/growth.svg. [--nodes 10,100,300,1000]
 * [--at-once 40]. Each size runs in a cloud of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Measured, measureLife } from './life.ts';
import { type Panel, plot } from './plot.ts';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    nodes: { type: 'string', default: '10,100,300,1000' },
    'at-once': { type: 'string', default: '40' },
  },
});
const runs: Measured[] = [];
for (const nodes of values.nodes.split(',').map(Number)) {
  runs.push(await measureLife({ nodes, cloneDelayMs: 0, atOnce: Number(values['at-once']), masters: 3 }));
  // What was measured is not lost where a larger one fails.
  console.error(JSON.stringify(runs.at(-1)));
}

const COLUMNS: [string, (run: Measured) => number][] = [
  ['nodes', (run) => run.nodes],
  ['create s', (run) => run.createSeconds],
  ['delete s', (run) => run.deleteSeconds],
  ['vCenter requests a node, create', (run) => run.requestsPerNode],
  ['delete', (run) => run.destroyRequestsPerNode],
  ['transitions a node', (run) => run.transitionsPerNode],
  ['DynamoDB units a node', (run) => run.dynamodbUnitsPerNode],
  ['Lambda s a node', (run) => Number((run.lambdaMsTotal / 1000 / run.nodes).toFixed(1))],
  ['callback p99 ms', (run) => run.callbackP99Ms],
  ['longest history', (run) => run.historyEventsMax],
  ['largest state, bytes', (run) => run.stateBytesMax],
];
const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
console.log(row(COLUMNS.map(([title]) => title)));
console.log(row(COLUMNS.map(() => '---:')));
for (const run of runs) console.log(row(COLUMNS.map(([, value]) => value(run))));

const points = (value: (run: Measured) => number) => runs.map((run) => ({ x: run.nodes, y: value(run) }));
const budget = (value: (nodes: number) => number) => runs.map(({ nodes }) => ({ x: nodes, y: value(nodes) }));
const panels: Panel[] = [
  {
    title: 'Seconds (both scales logarithmic)',
    logarithmic: true,
    series: [
      { name: 'create', points: points((run) => run.createSeconds) },
      { name: 'delete', points: points((run) => run.deleteSeconds) },
    ],
    reference: {
      name: 'linear',
      points: budget((nodes) => ((runs.at(-1)?.createSeconds ?? 0) * nodes) / (runs.at(-1)?.nodes ?? 1)),
    },
  },
  {
    title: 'vCenter requests a node',
    series: [
      { name: 'create', points: points((run) => run.requestsPerNode) },
      { name: 'delete', points: points((run) => run.destroyRequestsPerNode) },
    ],
    reference: { name: 'budget, create', points: budget(() => 2) },
  },
  {
    title: 'State transitions a node',
    series: [{ name: 'create and delete', points: points((run) => run.transitionsPerNode) }],
    reference: { name: 'budget', points: budget((nodes) => 3 + 60 / nodes) },
  },
  {
    title: 'DynamoDB capacity units a node',
    series: [{ name: 'create and delete', points: points((run) => run.dynamodbUnitsPerNode) }],
  },
];
const directory = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks');
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'growth.svg'), plot('A cluster of n nodes, created and deleted', panels));
