import * as z from 'zod/mini';
import { settings } from '../aws/settings.ts';
import { instanceUuid } from '../cluster/identity.ts';
import { nodeName } from '../cluster/names.ts';
import { parse } from '../parse.ts';
import { getCluster } from '../store/clusters.ts';
import { takeNodeSerials } from '../store/counters.ts';
import { recordEvent } from '../store/events.ts';
import { enrolNode, listNodes } from '../store/nodes.ts';
import { createWave } from '../store/waves.ts';
import { checkLock } from './hold-lock.ts';
import { onWave } from './step-input.ts';

/** Nodes that one call clones: enough to share a vCenter session, few enough for one function's time. */
const BATCH = 8;

const input = z.extend(onWave, {
  nodes: z
    .array(z.object({ pool: z.string(), role: z.enum(['master', 'worker']), ordinal: z.int() }))
    .check(z.minLength(1)),
});

/**
 * Records the nodes of a wave before anything is made for them, so that whatever dies later, they are known.
 * @returns their names in batches
 */
export async function prepareWave(value: unknown): Promise<{ batches: string[][] }> {
  const { clusterId, owner, wave, nodes } = parse(input, value, 'input');
  const { SLIPWAY_DEPLOYMENT, SLIPWAY_NODE_SECONDS } = settings();
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);

  const now = Date.now();
  const first = await takeNodeSerials(clusterId, nodes.length);
  await Promise.all(
    nodes.map(async ({ pool, role, ordinal }, index) => {
      const name = nodeName(cluster.name, pool, ordinal);
      const serial = first + index;
      await enrolNode({
        ...{ clusterId, name, pool, role, ordinal, serial, wave },
        instanceUuid: instanceUuid(SLIPWAY_DEPLOYMENT, clusterId, serial),
        status: 'planned',
        createdAt: new Date(now).toISOString(),
      });
    }),
  );
  const names = (await listNodes(clusterId)).filter((node) => node.wave === wave).map(({ name }) => name);
  const deadline = new Date(now + SLIPWAY_NODE_SECONDS * 1000).toISOString();
  await createWave({ id: wave, clusterId, size: names.length, settled: 0, failed: 0, tokensIssued: false, deadline });
  await recordEvent(clusterId, { type: 'WaveLaunched', message: `Launching ${names.join(', ')}` });
  const batches = Array.from({ length: Math.ceil(names.length / BATCH) }, (_, i) =>
    names.slice(i * BATCH, (i + 1) * BATCH),
  );
  return { batches };
}
