import { ulid } from 'ulid';
import * as z from 'zod/mini';
import type { Caller } from '../auth/authenticate.ts';
import { addonOfPhase } from '../cluster/addon-state.ts';
import { isLoadBalancers } from '../cluster/load-balancer.ts';
import { parse } from '../parse.ts';
import { settle } from '../steps/settle.ts';
import { recordEvent } from '../store/events.ts';
import { updateLaunching } from '../store/nodes.ts';
import { addonStatus } from './addon-status.ts';
import { nodeOf } from './node-of.ts';

/** Characters of a message that are kept: of a longer one the end, where a program says what went wrong. */
const MAX_MESSAGE = 2000;

const body = z.object({
  name: z.string(),
  nodePool: z.string(),
  // pke never tells it, and a node without an address can not.
  ip: z.optional(z.union([z.ipv4(), z.literal('')])),
  status: z.enum(['running', 'failed', 'finished', 'canceled']),
  phase: z.string().check(z.maxLength(64)),
  // Not refused where it is long: what a node says last must be heard.
  message: z.pipe(
    z._default(z.string(), ''),
    z.transform((text) => text.slice(-MAX_MESSAGE)),
  ),
  final: z._default(z.boolean(), false),
  timestamp: z.optional(z.string()),
  processId: z.optional(z.string().check(z.maxLength(64))),
});

/** A node reports a phase of its installation. A final failure ends its launch, and with it the wave. */
export async function nodeStatus(
  caller: Caller,
  organization: number,
  clusterId: number,
  value: unknown,
): Promise<{ processId: string }> {
  const { cluster, node } = await nodeOf(caller, organization, clusterId);
  const { ip, phase, message, status, final, processId = ulid() } = parse(body, value, 'body');
  // The first word of a node: its VM need not be looked at to know that it boots, and where.
  const first = node.status === 'planned' || node.status === 'cloning';
  const booting = first ? { status: 'booting' as const, address: ip || undefined } : {};
  if (await updateLaunching(clusterId, node.name, { phase, message, processId, ...booting })) {
    if (first) {
      const text = ip ? `${node.name} has the address ${ip}` : `${node.name} boots`;
      await recordEvent(clusterId, { type: 'NodeBooting', node: node.name, message: text });
      if (ip && isLoadBalancers(cluster.spec.loadBalancerIPRange, ip)) {
        const warning = `${node.name} has the address ${ip}, which MetalLB may give to a Service (loadBalancerIPRange): take the range out of what DHCP gives, and replace the node.`;
        await recordEvent(clusterId, { type: 'ClusterWarning', node: node.name, message: warning });
      }
    }
    const text = `${phase}: ${status}${message && `: ${message}`}`;
    await recordEvent(clusterId, { type: 'NodePhase', node: node.name, phase, message: text });
  }
  const addon = addonOfPhase(phase);
  if (addon && (status === 'finished' || status === 'failed')) {
    await addonStatus(cluster, node, addon, { status: status === 'finished' ? 'applied' : 'failed', message });
  }
  if (final && (status === 'failed' || status === 'canceled')) {
    await settle(node, { status: 'failed', phase, message: `${phase}: ${message || status}` });
  }
  return { processId };
}
