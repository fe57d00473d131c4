/** Runs one benchmark by name: npm run bench -- create --nodes 100 */
const BENCHMARKS: Record<string, string> = {
  create:
    'one cluster of light guests, created and deleted: --nodes N --clone-delay MS --at-once P [--masters 3] [--details]',
  growth:
    'create with 10, 100, 300 and 1,000 nodes: a table, and docs/benchmarks/growth.svg: [--nodes 10,100,300,1000]',
  inventory: "the scale check's read side by side with govc: --vms N [--ours N] [--repeat N]",
  leader: 'nodes race for one leadership: --racers N',
  bundles: "sizes of the functions' bundles, and the time to load the slowest",
  pki: 'the whole PKI of a cluster',
};
const name = process.argv[2];
if (name === undefined || !(name in BENCHMARKS)) {
  const width = Math.max(...Object.keys(BENCHMARKS).map((each) => each.length));
  console.error('npm run bench -- NAME [options]\n');
  for (const [each, what] of Object.entries(BENCHMARKS)) console.error(`  ${each.padEnd(width)}  ${what}`);
  process.exit(name === undefined ? 0 : 2);
}
await import(`./${name}.ts`);
