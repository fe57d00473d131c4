import { wantedAddons } from '../addons/index.ts';
import { addonsRevision } from '../bootstrap/addon-files.ts';
import { addonConcern } from '../cluster/addon-state.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Node } from '../cluster/node.ts';
import { onKubernetes } from '../connector/kubernetes.ts';
import { readAddons } from '../operations/read-addons.ts';
import { setAddon } from '../store/addons.ts';
import { recordEvent } from '../store/events.ts';

/**
 * Learns from a cluster whose add-ons failed whether they are applied by now: a node whose token is over can not tell.
 * @returns the cluster as it is now
 */
export async function learnAddons(cluster: Cluster, nodes: readonly Node[]): Promise<Cluster> {
  if (!addonConcern(cluster.addons)) return cluster;
  const { revision, node = '' } = await onKubernetes(cluster, nodes, 'slipway:read-addons', readAddons, {});
  if (revision !== addonsRevision(wantedAddons(cluster.spec))) return cluster;
  let now = cluster;
  for (const [name, { status }] of Object.entries(cluster.addons ?? {})) {
    if (status === 'applied') continue;
    const state = { status: 'applied', message: `${name} is applied`, node, at: new Date().toISOString() } as const;
    now = (await setAddon(cluster.id, name, state)) ?? now;
    const message = `Add-on ${name} is applied`;
    await recordEvent(cluster.id, { type: 'AddonApplied', node, phase: `addon-${name}`, message });
  }
  return now;
}
