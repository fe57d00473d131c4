import type { Node } from '../cluster/node.ts';
import type { Connected } from '../connector/dispatch.ts';
import { pendingClones as operation } from '../operations/pending-clones.ts';

/** Milliseconds in which a request that was not answered may still reach the vCenter. */
const ANSWER_MS = 60_000;

/** Whether a node's VM was asked for and is not known to be made: it may come into being yet. */
export const mayComeYet = ({ askedAt, vm }: Pick<Node, 'askedAt' | 'vm'>) => askedAt !== undefined && vm === undefined;

/** Counts the clones of nodes that may still be under way, those whose request was not answered among them. */
export async function countPending({ run }: Connected, nodes: readonly Node[]): Promise<number> {
  const asked = nodes.filter(mayComeYet);
  if (asked.length === 0) return 0;
  const times = asked.map(({ askedAt }) => askedAt as string).sort();
  const unanswered = asked.filter(({ task }) => !task);
  const recent = unanswered.filter(
    ({ status, askedAt }) => status === 'cloning' && Date.parse(askedAt as string) > Date.now() - ANSWER_MS,
  );
  const { pending } = await run(operation, {
    tasks: asked.flatMap(({ task }) => task ?? []),
    unseen: unanswered.length > 0,
    since: times[0] as string,
    until: new Date(Date.parse(times.at(-1) as string) + ANSWER_MS).toISOString(),
  });
  return pending + recent.length;
}
