import { settings } from '../aws/settings.ts';
import { connectionOf, controlPlaneOf } from '../cluster/cluster.ts';
import { instanceUuid } from '../cluster/identity.ts';
import { nodeName } from '../cluster/names.ts';
import { plan, planNodes } from '../cluster/plan.ts';
import { domainOf } from '../cluster/pool.ts';
import { eachLimited } from '../each-limited.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { takeNodeSerials } from '../store/counters.ts';
import { recordEvent } from '../store/events.ts';
import { enrolNode, listNodes } from '../store/nodes.ts';
import { createWave } from '../store/waves.ts';
import { checkLock } from './hold-lock.ts';
import { reserveAddresses } from './reserve-addresses.ts';
import { onWave } from './step-input.ts';

/** Records written at once. */
const AT_ONCE = 40;
/** Most nodes that an event names. */
const TOLD = 10;

/**
 * Records the nodes of the next wave before anything is made for them, so that whatever dies later, they are known. Which they
 * are is planned anew from the records: what another try of this step recorded is among them.
 */
export async function prepareWave(value: unknown): Promise<{ size: number }> {
  const { clusterId, owner, wave } = parse(onWave, value, 'input');
  const { SLIPWAY_DEPLOYMENT } = settings();
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);

  const next = plan(cluster.spec.nodepools, planNodes(await listNodes(clusterId)), controlPlaneOf(cluster));
  const launches = next.action === 'launch' ? next.nodes : [];
  const poolOf = (name: string) => cluster.spec.nodepools.find((pool) => pool.name === name) ?? {};
  const first = await takeNodeSerials(clusterId, launches.length);
  await eachLimited([...launches.entries()], AT_ONCE, async ([index, { pool, role, ordinal, placement }]) => {
    const name = nodeName(cluster.name, pool, ordinal);
    const serial = first + index;
    await enrolNode({
      ...{ clusterId, name, pool, role, ordinal, serial, wave, placement },
      instanceUuid: instanceUuid(SLIPWAY_DEPLOYMENT, clusterId, serial),
      connectionId: connectionOf(cluster, domainOf(poolOf(pool), placement)),
      status: 'planned',
      createdAt: new Date().toISOString(),
    });
  });
  const nodes = (await listNodes(clusterId)).filter((node) => node.wave === wave);
  await reserveAddresses(cluster, nodes);
  const names = nodes.map(({ name }) => name);
  await createWave({ id: wave, clusterId, size: names.length, settled: 0, failed: 0, tokensIssued: false });
  await recordEvent(clusterId, { type: 'WaveLaunched', message: `Launching ${some(names)}` });
  return { size: names.length };
}

function some(names: string[]): string {
  const more = names.length > TOLD ? ` and ${names.length - TOLD} more` : '';
  return `${names.slice(0, TOLD).join(', ')}${more}`;
}
