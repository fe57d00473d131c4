/** Creates and deletes one cluster of light guests: --nodes N --clone-delay MS --at-once P [--masters 3] [--details]. */
import { parseArgs } from 'node:util';
import { measureLife } from './life.ts';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    nodes: { type: 'string', default: '100' },
    'clone-delay': { type: 'string', default: '2000' },
    'at-once': { type: 'string', default: '10' },
    details: { type: 'boolean' },
    masters: { type: 'string', default: '3' },
  },
});
const measured = await measureLife({
  nodes: Number(values.nodes),
  cloneDelayMs: Number(values['clone-delay']),
  atOnce: Number(values['at-once']),
  masters: Number(values.masters),
  details: values.details,
});
if (measured.peakConcurrentClones > measured.atOnce) {
  console.error(`${measured.peakConcurrentClones} clones ran at once, but only ${measured.atOnce} may`);
  process.exitCode = 1;
}
console.log(JSON.stringify(measured));
