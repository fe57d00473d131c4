import { spawn } from 'node:child_process';
import { once } from 'node:events';

const TEST = 'test/lib/operations/foreign-vms.test.ts';

/** Runs the property test of VMs of others, side by side with the matrix. @returns whether it holds, and what it said if not */
export async function testInventories(count: number): Promise<{ held: boolean; output: string }> {
  const child = spawn('vitest', ['run', '--project', 'unit', TEST], {
    env: { ...process.env, SLIPWAY_INVENTORIES: String(count) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const [code] = await once(child, 'exit');
  return { held: code === 0, output };
}
