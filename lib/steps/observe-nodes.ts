import { settings } from '../aws/settings.ts';
import { LAUNCHING, type Node } from '../cluster/node.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { eachLimited } from '../each-limited.ts';
import { observeNodes as operation, type Sight } from '../operations/observe-nodes.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes, updateLaunching } from '../store/nodes.ts';
import { checkLock } from './hold-lock.ts';
import { settle } from './settle.ts';
import { onWave } from './step-input.ts';

/** Records written at once: all of a wave's meet on its own. */
const AT_ONCE = 8;
/** Seconds for which one look waits for VMs that have no address yet. */
const LOOK_SECONDS = 20;

/**
 * Looks at the VMs of a wave whose launch has not ended, in one wait: notes those that have an address, and settles those
 * that could not be cloned, are gone, were switched off, or whose time is over.
 */
export async function observeNodes(value: unknown): Promise<Record<string, never>> {
  const { clusterId, owner, wave: waveId } = parse(onWave, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  // Those without a VM are being cloned: who clones them sees to them.
  const nodes = (await listNodes(clusterId)).filter(
    (node) => node.wave === waveId && LAUNCHING.includes(node.status) && node.vm,
  );
  const limit = Date.now() - settings().SLIPWAY_NODE_SECONDS * 1000;
  const late = (node: Node) => Date.parse(node.askedAt ?? node.createdAt) < limit;
  const { organization } = cluster;
  for (const [connectionId, own] of Map.groupBy(nodes, (node) => node.connectionId)) {
    const seen = await onVCenter({ organization, connectionId }, operation, () => ({
      nodes: own.map(({ name, vm, instanceUuid }) => ({ name, vm: vm as string, instanceUuid })),
      maxWaitSeconds: own.some(late) ? 0 : LOOK_SECONDS,
    }));
    await eachLimited(seen.nodes, AT_ONCE, async (sight) => {
      const node = own.find(({ name }) => name === sight.name) as Node;
      await record(node, sight);
      if (late(node)) await settle(node, { status: 'failed', message: giveUp(node) });
    });
  }
  return {};
}

async function record(node: Node, { state, vm, address }: Sight): Promise<void> {
  const { clusterId, name } = node;
  if (state === 'gone' || (state === 'off' && node.status === 'booting')) {
    const what = state === 'gone' ? 'was deleted' : 'was switched off';
    await settle(node, { status: 'lost', message: `The VM of ${name} ${what} before the node was ready` });
  } else if (state === 'on' && address && node.status !== 'booting') {
    await updateLaunching(clusterId, name, { status: 'booting', vm, address });
    await recordEvent(clusterId, { type: 'NodeBooting', node: name, message: `${name} has the address ${address}` });
  } else if (vm && vm !== node.vm) {
    await updateLaunching(clusterId, name, { vm });
  }
}

function giveUp(node: Node): string {
  const last = node.phase
    ? `its last report was "${node.phase}${node.message ? `: ${node.message}` : ''}"`
    : 'it never reported';
  return `NodeTimeout: ${node.name} did not become ready in time; ${last}. Look at its console and at /var/log/slipway.log on it${node.address ? ` (${node.address})` : ''}.`;
}
