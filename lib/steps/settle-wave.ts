import { SlipwayError } from '../errors.ts';
import { parse } from '../parse.ts';
import { listNodes } from '../store/nodes.ts';
import { onWave } from './step-input.ts';

/** Most failed nodes that a message tells of. */
const TOLD = 3;

/**
 * Ends a wave. Nodes whose VMs were lost are no failure: the next plan replaces them.
 * @throws NodeFailed with what the nodes said last
 */
export async function settleWave(value: unknown): Promise<Record<string, never>> {
  const { clusterId, wave } = parse(onWave, value, 'input');
  const failed = (await listNodes(clusterId)).filter((node) => node.wave === wave && node.status === 'failed');
  if (failed.length === 0) return {};
  const told = failed.slice(0, TOLD).map((node) => `${node.name}: ${node.message ?? 'gave up'}`);
  const more = failed.length > TOLD ? ` (and ${failed.length - TOLD} more)` : '';
  throw new SlipwayError('NodeFailed', `${told.join('; ')}${more}`, 500);
}
