/** Reads the inventory once, as the scale check does, and prints what it took. Its input is in the environment: BENCH_READ. */
import { inventory } from '../../lib/operations/inventory.ts';
import { VCenter } from '../../lib/vsphere/index.ts';

const { connection, uuidPrefix } = JSON.parse(process.env.BENCH_READ ?? '');
const began = performance.now();
const vcenter = VCenter.connect(connection);
const { vms } = await inventory.run({ vcenter }, { uuidPrefix });
await vcenter.logout();
const readMs = performance.now() - began;
// Kilobytes, as getrusage(2) has them on Linux.
console.log(JSON.stringify({ found: vms.length, readMs, memoryMiB: process.resourceUsage().maxRSS / 1024 }));
