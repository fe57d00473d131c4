import { wantedAddons } from '../addons/index.ts';
import { type AddonState, addonConcern } from '../cluster/addon-state.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Node } from '../cluster/node.ts';
import { settleAddons } from '../steps/addon-health.ts';
import { setAddon } from '../store/addons.ts';
import { recordEvent } from '../store/events.ts';

/**
 * A control-plane node has applied an add-on, or failed to: while it is launched, or any time later. Told twice it is told
 * once.
 */
export async function addonStatus(
  cluster: Cluster,
  node: Node,
  name: string,
  { status, message }: Pick<AddonState, 'status' | 'message'>,
): Promise<void> {
  if (node.role !== 'master' || !wantedAddons(cluster.spec).some(({ addon }) => addon.name === name)) return;
  const before = cluster.addons?.[name];
  const state: AddonState = { status, message, node: node.name, at: new Date().toISOString() };
  if (!(await setAddon(cluster.id, name, state))) return;
  if (before?.status !== status) {
    const type = status === 'applied' ? 'AddonApplied' : 'AddonFailed';
    const text = status === 'applied' ? `Add-on ${name} is applied` : `Add-on ${name}: ${message}`;
    await recordEvent(cluster.id, { type, node: node.name, phase: `addon-${name}`, message: text });
  }
  await settleAddons(cluster.id, addonConcern(cluster.addons));
}
