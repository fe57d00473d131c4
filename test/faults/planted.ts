import { setTimeout as sleep } from 'node:timers/promises';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import type { Lane } from './lane.ts';
import { remove } from './scenarios.ts';

/**
 * Shows that the check of duplicates can fail: a clone's answer is lost, and the VM that it made is hidden from every search,
 * which switches adoption off without a switch in the product. The retry makes a second VM of the same node.
 * @returns what the check found
 */
export async function plantDuplicate(lane: Lane): Promise<string[]> {
  const { connection, cluster } = await lane.begin();
  await lane.arm('CloneVM_Task', { fail: 'after', fault: 'reset', times: 1, hide: true });
  const nodepools = [{ name: 'masters', roles: ['master'], size: 1, vcpu: 2, ram: 2048 }];
  const { id } = await lane.api.ask('POST', '/clusters', {
    name: cluster,
    secretName: connection,
    kubernetes: PLAIN_KUBERNETES,
    nodepools,
  });
  let found: string[] = [];
  for (let tries = 150; tries > 0 && found.length === 0; tries--) {
    await sleep(200);
    found = await lane.twins();
  }
  // Two VMs of one UUID are an error that somebody must mend by hand: here, the test.
  await lane.disarm();
  await lane.control('DELETE', '/vms');
  await remove({ lane, id });
  await lane.control('DELETE', '/twins');
  return found;
}
