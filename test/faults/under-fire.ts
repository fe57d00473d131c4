import { setTimeout as sleep } from 'node:timers/promises';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';
import type { Findings } from './findings.ts';
import type { Lane } from './lane.ts';
import { leftOf, remove } from './scenarios.ts';

const TIMES = 20;
/** One call in so many fails. */
const ONE_IN = 10;

/** Seconds in which a name must be free again. */
const NAME_SECONDS = 90;

/**
 * Creates and deletes clusters of one name, 20 times, while one vCenter call in ten goes wrong: before or after its effect, and
 * with the deletion at any stage of the creation. Where a creation is refused because the name is taken, what has it is deleted
 * once more. Ends with calm and one more deletion of whatever is left.
 * @returns how many were created
 */
export async function deleteUnderFire(lane: Lane, findings: Findings, seed: number): Promise<number> {
  const { connection, cluster: name } = await lane.begin();
  const { api } = lane;
  const nodepools = [
    { name: 'masters', roles: ['master'], size: 1, vcpu: 2, ram: 2048 },
    { name: 'workers', roles: ['worker'], size: 2, vcpu: 2, ram: 2048 },
  ];
  const ids = new Set<number>();
  const deleteAll = async () => {
    await Promise.all([...ids].map((id) => api.call('DELETE', `/clusters/${id}`)));
  };
  for (let round = 0; round < TIMES; round++) {
    const fail = round % 2 === 0 ? 'after' : 'before';
    const fault = ['SystemError', '503', 'reset', 'expired', 'kill'][round % 5] as string;
    await lane.arm('*', { fail, fault, oneIn: ONE_IN, seed: seed + round });
    const end = Date.now() + NAME_SECONDS * 1000;
    for (;;) {
      const { status, body } = await api.call('POST', '/clusters', {
        name,
        secretName: connection,
        kubernetes: PLAIN_KUBERNETES,
        nodepools,
      });
      if (status < 300) {
        ids.add(body.id);
        break;
      }
      if (Date.now() > end) throw new Error(`under fire: ${NAME_SECONDS} s after its deletion: ${body.message}`);
      await deleteAll();
      await sleep(500);
    }
    // From "hardly registered" to "all VMs boot".
    await sleep((round % 5) * 500);
    await deleteAll();
  }
  await lane.disarm();
  for (const id of ids) await remove({ lane, id });
  for (const id of ids) {
    const left = await leftOf({ lane, name }, id);
    findings.orphans.push(...left.orphans.map((each) => `under fire: ${each}`));
    findings.secrets.push(...left.secrets.map((each) => `under fire: ${each}`));
    findings.records.push(...left.records.map((each) => `under fire: ${each}`));
  }
  findings.duplicates.push(...(await lane.twins()).map((each) => `under fire: ${each}`));
  await lane.control('DELETE', '/twins');
  return ids.size;
}
