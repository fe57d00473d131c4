import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PlanNode, type PlanPool, plan } from '../../../lib/cluster/plan.ts';

const domains = (...names: string[]) => names.map((name) => ({ name }));
const pool = (name: string, role: 'master' | 'worker', size: number, placements: { name: string }[]): PlanPool => ({
  name,
  roles: [role],
  size,
  placements,
});

/** Does what plans say until there is nothing to do. */
function converge(pools: PlanPool[], nodes: PlanNode[]): PlanNode[] {
  for (let waves = 0; waves < 100; waves++) {
    const step = plan(pools, nodes);
    if (step.action === 'none') return nodes;
    if (step.action === 'blocked') throw new Error(step.reason);
    if (step.action === 'remove') nodes = nodes.filter(({ name }) => !step.nodes.includes(name));
    else {
      const launched = step.nodes.map(
        (each): PlanNode => ({ ...each, name: `${each.pool}-${each.ordinal}`, status: 'ready', joined: true }),
      );
      nodes = [...nodes, ...launched];
    }
  }
  throw new Error('does not end');
}

const perDomain = (nodes: PlanNode[], names: string[], of: (node: PlanNode) => boolean) =>
  names.map((name) => nodes.filter((node) => node.placement === name && of(node)).length);
const unevenness = (counts: number[]) => Math.max(...counts) - Math.min(...counts);

test('nodes of a pool are spread evenly, at first and after each change of its size', () => {
  const size = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(size, { minLength: 1, maxLength: 5 }), (count, sizes) => {
      const names = Array.from({ length: count }, (_, i) => `d${i}`);
      let nodes: PlanNode[] = [];
      for (const workers of sizes) {
        const pools = [pool('m', 'master', 3, domains(...names)), pool('w', 'worker', workers, domains(...names))];
        nodes = converge(pools, nodes);
        expect(unevenness(perDomain(nodes, names, (node) => node.pool === 'm'))).toBeLessThanOrEqual(1);
        expect(unevenness(perDomain(nodes, names, (node) => node.pool === 'w'))).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('the control plane is spread first, and workers go where there is least', () => {
  const names = ['a', 'b'];
  const nodes = converge([pool('w', 'worker', 1, domains(...names)), pool('m', 'master', 1, domains(...names))], []);
  expect(nodes.find((node) => node.pool === 'm')?.placement).toBe('a');
  expect(nodes.find((node) => node.pool === 'w')?.placement).toBe('b');
});

test('two control-plane pools share the failure domains evenly', () => {
  const names = ['a', 'b', 'c'];
  const pools = ['m1', 'm2', 'm3'].map((name) => pool(name, 'master', 1, domains(...names)));
  expect(perDomain(converge(pools, []), names, () => true)).toEqual([1, 1, 1]);
});

test('a removal takes from the fullest', () => {
  const node = (ordinal: number, placement: string): PlanNode => ({
    ...{ name: `w-${ordinal}`, pool: 'w', role: 'worker', ordinal, placement },
    ...{ status: 'ready', joined: true },
  });
  const nodes = [node(1, 'a'), node(2, 'a'), node(3, 'a'), node(9, 'b')];
  expect(plan([pool('w', 'worker', 2, domains('a', 'b'))], nodes)).toEqual({ action: 'remove', nodes: ['w-3', 'w-2'] });
});

test('a node that is launched again keeps its failure domain', () => {
  const nodes: PlanNode[] = [
    { name: 'w-1', pool: 'w', role: 'worker', ordinal: 1, placement: 'b', status: 'cloning', joined: false },
  ];
  expect(plan([pool('w', 'worker', 1, domains('a', 'b'))], nodes)).toMatchObject({
    action: 'launch',
    nodes: [{ ordinal: 1, placement: 'b' }],
  });
});
