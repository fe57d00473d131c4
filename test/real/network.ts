import { writeFileSync } from 'node:fs';
import { run } from '../../local/cloud/command.ts';
import * as network from '../../local/kubernetes/network.ts';
import { networkFile } from './machine.ts';

/** Where the machines reach us. */
export const GATEWAY = '10.99.0.1';

/** Makes the network of the machines, which has no way out of our own network namespace. */
export async function createNetwork(): Promise<void> {
  await run('ip', ['link', 'set', 'lo', 'up']);
  writeFileSync(networkFile(), JSON.stringify(await network.createNetwork(`${GATEWAY}/24`)));
}
