import { expect, test } from 'vitest';
import { instanceUuid } from '../../../lib/cluster/identity.ts';
import type { Node } from '../../../lib/cluster/node.ts';
import { type FoundVm, takeStock } from '../../../lib/cluster/stock.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const node = (serial: number, more: Partial<Node> = {}) =>
  ({
    name: `n${serial}`,
    status: 'ready',
    vm: `vm-${serial}`,
    readyAt: '2026-01-01T00:00:00Z',
    instanceUuid: instanceUuid('test', 7, serial),
    ...more,
  }) as Node;
const vm = (serial: number, power: FoundVm['power'], cluster = 7): FoundVm => ({
  name: `n${serial}`,
  instanceUuid: instanceUuid('test', cluster, serial),
  power,
});
const stock = (nodes: Node[], vms: FoundVm[], unreadable: string[] = []) => {
  const taken = takeStock('test', 7, nodes, { vms, unreadable: new Set(unreadable) }, NOW);
  const names = (some: { name: string }[]) => some.map(({ name }) => name);
  return {
    lost: taken.lost.map(({ node, reason }) => `${node.name} ${reason}`),
    off: names(taken.off),
    suspended: names(taken.suspended),
    copied: names(taken.copied),
    recovered: names(taken.recovered),
    strays: names(taken.strays),
  };
};
const nothing = { lost: [], off: [], suspended: [], copied: [], recovered: [], strays: [] };

test.each<[string, Node[], FoundVm[], string[], object]>([
  ['one that is on is well', [node(1)], [vm(1, 'on')], [], {}],
  ['one that is gone is lost', [node(1)], [], [], { lost: ['n1 is gone from the vCenter'] }],
  ['one that can not be read is not', [node(1)], [], ['vm-1'], {}],
  ['one that is off is to be switched on', [node(1)], [vm(1, 'off')], [], { off: ['n1'] }],
  [
    'one that was switched on a moment ago and is off again is lost',
    [node(1, { poweredOnAt: '2026-01-01T11:55:00Z' })],
    [vm(1, 'off')],
    [],
    { lost: ['n1 does not stay on'] },
  ],
  [
    'one that was switched on long ago is to be switched on again',
    [node(1, { poweredOnAt: '2026-01-01T08:00:00Z' })],
    [vm(1, 'off')],
    [],
    { off: ['n1'] },
  ],
  ['one that somebody suspended is theirs', [node(1)], [vm(1, 'suspended')], [], { suspended: ['n1'] }],
  [
    'one that was lost and is on after all is back',
    [node(1, { status: 'lost' })],
    [vm(1, 'on')],
    [],
    { recovered: ['n1'] },
  ],
  [
    'one whose UUID several VMs have is neither off nor lost',
    [node(1)],
    [vm(1, 'on'), vm(1, 'off')],
    [],
    { copied: ['n1'] },
  ],
  ['one that is being removed stays so', [node(1, { status: 'removing' })], [vm(1, 'on')], [], {}],
  ['a VM of this cluster that no record knows is a stray', [], [vm(2, 'on')], [], { strays: ['n2'] }],
  ['a VM of another cluster is none of its business', [], [vm(2, 'on', 8)], [], {}],
])('%s', (_, nodes, vms, unreadable, expected) => {
  expect(stock(nodes, vms, unreadable)).toEqual({ ...nothing, ...expected });
});
