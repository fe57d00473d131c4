import { addonConcern } from '../cluster/addon-state.ts';
import { findCluster, setHealth } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';

/**
 * Has a cluster's health say how its add-ons are, where no run works on it: WARNING while one failed, RUNNING again when all
 * are applied. Called after each change of either, add-ons and lock: whichever comes last finds both.
 *
 * @param told what it may say of them so far: another warning is not ours to end
 */
export async function settleAddons(clusterId: number, told?: string): Promise<void> {
  const cluster = await findCluster(clusterId);
  if (!cluster || cluster.lock) return;
  const concern = addonConcern(cluster.addons);
  const ours = cluster.status === 'WARNING' && told !== undefined && cluster.statusMessage === told;
  if (concern === cluster.statusMessage) return;
  if (concern && (ours || cluster.status === 'RUNNING')) {
    if ((await setHealth(cluster, 'WARNING', concern)) && !ours) {
      await recordEvent(clusterId, { type: 'AddonsNeedAttention', message: concern });
    }
  } else if (!concern && ours) {
    const message = 'All add-ons are applied';
    if (await setHealth(cluster, 'RUNNING', message)) await recordEvent(clusterId, { type: 'ClusterRunning', message });
  }
}
