import type { Caller } from '../auth/authenticate.ts';
import { settings } from '../aws/settings.ts';
import { pkeCommand } from '../bootstrap/pke.ts';
import { pkeInstallation } from '../steps/pke-installation.ts';
import { nodeOf } from './node-of.ts';

/**
 * The install command line of each node pool, for a POSIX shell: pke's, or where the node program has kubeadm make the node, that
 * program. pke's has variables where it differs from node to node, the token among them: it does not belong into a listing.
 */
export async function poolCommands(
  caller: Caller,
  organization: number,
  clusterId: number,
): Promise<Record<string, string>> {
  const { cluster } = await nodeOf(caller, organization, clusterId);
  const { distribution, nodepools } = cluster.spec;
  const { SLIPWAY_API_URL } = settings();
  const command = (pool: (typeof nodepools)[number]) =>
    distribution === 'pke'
      ? pkeCommand(pkeInstallation(cluster, pool, SLIPWAY_API_URL))
      : 'sh /var/lib/slipway/node-program.sh';
  return Object.fromEntries(nodepools.map((pool) => [pool.name, command(pool)]));
}
