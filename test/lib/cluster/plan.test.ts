import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeStatus } from '../../../lib/cluster/node.ts';
import { type PlanNode, plan, quorum } from '../../../lib/cluster/plan.ts';

const pools = (masters: number, workers: number) => [
  { name: 'm', roles: ['master' as const], size: masters },
  { name: 'w', roles: ['worker' as const], size: workers },
];
const node = (pool: 'm' | 'w', ordinal: number, status: NodeStatus, joined = status === 'ready'): PlanNode => ({
  name: `${pool}-${ordinal}`,
  pool,
  role: pool === 'm' ? 'master' : 'worker',
  ordinal,
  status,
  joined,
});

const size = fc.constantFrom(1, 3, 5);
const launchedStatus = fc.constantFrom<NodeStatus>(
  'planned',
  'cloning',
  'booting',
  'ready',
  'failed',
  'lost',
  'removing',
);
const arbitraryNodes = fc
  .uniqueArray(
    fc.record({
      pool: fc.constantFrom('m' as const, 'w' as const),
      ordinal: fc.integer({ min: 1, max: 7 }),
      status: launchedStatus,
      was: fc.boolean(),
    }),
    { selector: ({ pool, ordinal }) => `${pool}${ordinal}`, maxLength: 12 },
  )
  .map((all) =>
    all.map(({ pool, ordinal, status, was }) =>
      node(pool, ordinal, status, status === 'ready' || (was && ['lost', 'removing', 'failed'].includes(status))),
    ),
  );

const members = (nodes: PlanNode[]) => nodes.filter(({ role, joined }) => role === 'master' && joined);
const alive = (nodes: PlanNode[]) => members(nodes).filter(({ status }) => status === 'ready');

/** Does what a plan says, as a vCenter without faults would. */
function carryOut(nodes: PlanNode[], step: ReturnType<typeof plan>): PlanNode[] {
  if (step.action === 'remove') return nodes.filter(({ name }) => !step.nodes.includes(name));
  if (step.action !== 'launch') return nodes;
  const launched = step.nodes.map(({ pool, ordinal }) => node(pool as 'm' | 'w', ordinal, 'ready'));
  return [...nodes.filter(({ name }) => !launched.some((each) => each.name === name)), ...launched];
}

describe('plan', () => {
  test('launches control plane and workers of a new cluster in one wave', () => {
    const step = plan(pools(3, 2), []);
    expect(step.action === 'launch' && step.nodes.map(({ pool, ordinal }) => `${pool}${ordinal}`)).toEqual([
      'm1',
      'm2',
      'm3',
      'w1',
      'w2',
    ]);
  });

  test('removes a lost node before it launches its replacement', () => {
    const nodes = [node('m', 1, 'ready'), node('w', 1, 'lost', true), node('w', 2, 'ready')];
    expect(plan(pools(1, 2), nodes)).toEqual({ action: 'remove', nodes: ['w-1'] });
    expect(plan(pools(1, 2), [nodes[0] as PlanNode, nodes[2] as PlanNode])).toEqual({
      action: 'launch',
      nodes: [{ pool: 'w', role: 'worker', ordinal: 1 }],
    });
  });

  test('adopts nodes whose launch was interrupted', () => {
    const step = plan(pools(1, 0), [node('m', 1, 'cloning', false)]);
    expect(step).toEqual({ action: 'launch', nodes: [{ pool: 'm', role: 'master', ordinal: 1 }] });
  });

  test('is blocked where the control plane has lost its quorum', () => {
    const nodes = [node('m', 1, 'ready'), node('m', 2, 'lost', true), node('m', 3, 'lost', true)];
    expect(plan(pools(3, 0), nodes).action).toBe('blocked');
  });

  test('shrinks a control plane one member at a time', () => {
    const nodes = [1, 2, 3].map((ordinal) => node('m', ordinal, 'ready'));
    expect(plan(pools(1, 0), nodes)).toEqual({ action: 'remove', nodes: ['m-3'] });
  });

  test('never takes etcd below its quorum, and ends in no action', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 5 }), arbitraryNodes, (masters, workers, given) => {
        let nodes = given;
        const wanted = pools(masters, workers);
        for (let waves = 0; waves < 30; waves++) {
          const step = plan(wanted, nodes);
          if (step.action === 'blocked') {
            expect(alive(nodes).length).toBeLessThan(quorum(members(nodes).length));
            return;
          }
          if (step.action === 'none') {
            const count = (pool: string) =>
              nodes.filter((each) => each.pool === pool && each.status === 'ready').length;
            expect([count('m'), count('w')]).toEqual([masters, workers]);
            return;
          }
          const had = members(nodes).length > 0;
          nodes = carryOut(nodes, step);
          if (had) expect(alive(nodes).length).toBeGreaterThanOrEqual(quorum(members(nodes).length));
        }
        throw new Error('does not end');
      }),
      { numRuns: 2000 },
    );
  });

  test('never names a node twice in a wave', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 5 }), arbitraryNodes, (masters, workers, nodes) => {
        const step = plan(pools(masters, workers), nodes);
        const names =
          step.action === 'launch'
            ? step.nodes.map(({ pool, ordinal }) => `${pool}-${ordinal}`)
            : step.action === 'remove'
              ? step.nodes
              : [];
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });
});
