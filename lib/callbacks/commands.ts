import type { Caller } from '../auth/authenticate.ts';
import { nodeOf } from './node-of.ts';

/**
 * The install command line of each node pool. Nodes carry their program in their user data, so that a pool's command is to
 * run that again.
 */
export async function poolCommands(
  caller: Caller,
  organization: number,
  clusterId: number,
): Promise<Record<string, string>> {
  const { cluster } = await nodeOf(caller, organization, clusterId);
  return Object.fromEntries(cluster.spec.nodepools.map(({ name }) => [name, 'sh /var/lib/slipway/node-program.sh']));
}
