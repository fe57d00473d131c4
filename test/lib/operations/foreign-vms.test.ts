import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploymentPrefix, instanceUuid, MARKS, marks, parseInstanceUuid } from '../../../lib/cluster/identity.ts';
import { cloneVms } from '../../../lib/operations/clone-vms.ts';
import { destroyVms } from '../../../lib/operations/destroy-vms.ts';
import { inventory } from '../../../lib/operations/inventory.ts';
import type { Placements } from '../../../lib/operations/placement/placement.ts';
import { resolvePlacement } from '../../../lib/operations/resolve-placement.ts';
import { VCenter, waitForTasks } from '../../../lib/vsphere/index.ts';
import { startVcsim, type Vcsim } from '../../../local/cloud/vcsim.ts';

/** Random inventories; the fault tests' own command asks for more. */
const RUNS = Number(process.env.SLIPWAY_INVENTORIES ?? 100);
const DEPLOYMENT = '000000000000/eu-central-1/slipway-test';
const CLUSTER = 7;
const OTHER_CLUSTER = 8;

interface Node {
  name: string;
  serial: number;
}
interface Planted {
  name: string;
  instanceUuid: string;
  on: boolean;
  extraConfig: Record<string, string>;
}
interface Found {
  id: string;
  name: string;
  instanceUuid: string;
  power: string;
  template: boolean;
  marks: Record<string, string>;
}

const state = mkdtempSync(join(tmpdir(), 'slipway-foreign-'));
let vcsim: Vcsim;
let vcenter: VCenter;
let placements: Placements;

beforeAll(async () => {
  vcsim = await startVcsim({ port: 0, password: 'secret', state });
  vcenter = VCenter.connect(vcsim);
  const wanted = [{ key: 'workers', template: 'ubuntu-24.04' }];
  ({ placements } = await resolvePlacement.run({ vcenter }, { placements: wanted }));
}, 120_000);
afterAll(async () => {
  await vcenter.logout();
  await vcsim.stop();
  rmSync(state, { recursive: true });
});

const uuidOf = (serial: number, cluster = CLUSTER) => instanceUuid(DEPLOYMENT, cluster, serial);
const nodeNames = Array.from({ length: 10 }, (_, index) => `shop-workers-${String(index + 1).padStart(2, '0')}`);

/** Nodes as they are recorded: few mostly, sometimes as many as are destroyed together. */
const recorded = fc
  .oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 8, max: 10 }) },
  )
  .map((count): Node[] => nodeNames.slice(0, count).map((name, index) => ({ name, serial: index + 1 })));

/** A VM of somebody else, one way or another like the VM of a node. */
const foreignTo = (nodes: Node[]) =>
  fc.record({
    node: fc.constantFrom(...nodes),
    like: fc.constantFrom(
      'name',
      'pattern',
      'copied marks',
      'our UUID',
      'half our marks',
      'another cluster',
      'another deployment',
    ),
    on: fc.boolean(),
    uuid: fc.uuid(),
    serial: fc.integer({ min: 100, max: 10_000 }),
  });
type Foreign = typeof foreignTo extends (nodes: Node[]) => fc.Arbitrary<infer T> ? T : never;

function plantedForeign({ node, like, on, uuid, serial }: Foreign, index: number): Planted {
  const ours = marks(DEPLOYMENT, CLUSTER, node.name);
  const own = { name: `${node.name}-${index}`, instanceUuid: uuid, on, extraConfig: {} };
  switch (like) {
    case 'name':
      return { ...own, name: node.name };
    case 'pattern':
      return { ...own, name: `shop-workers-${serial}` };
    case 'copied marks':
      return { ...own, extraConfig: ours };
    case 'our UUID':
      return { ...own, instanceUuid: uuidOf(node.serial) };
    case 'half our marks': {
      const { [MARKS.deployment]: _, ...half } = ours;
      return { ...own, instanceUuid: uuidOf(node.serial), extraConfig: half };
    }
    case 'another cluster': {
      const theirs = marks(DEPLOYMENT, OTHER_CLUSTER, node.name);
      return { ...own, instanceUuid: uuidOf(serial, OTHER_CLUSTER), extraConfig: theirs };
    }
    case 'another deployment': {
      const theirs = { ...ours, [MARKS.deployment]: deploymentPrefix('somebody else') };
      return { ...own, instanceUuid: uuidOf(node.serial), extraConfig: theirs };
    }
  }
}

const situation = recorded.chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    /** Of each node: whether its VM exists, and is on. */
    own: fc.array(fc.constantFrom('none', 'off', 'on'), { minLength: nodes.length, maxLength: nodes.length }),
    foreign: fc.array(foreignTo(nodes), { minLength: 1, maxLength: 6 }),
    act: fc.constantFrom('destroy', 'sweep', 'adopt'),
  }),
);

async function control<T>(method: string, body?: object): Promise<T> {
  const answer = await fetch(`${vcsim.control}/vms`, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}

/** Destroys, as a removal of nodes does. */
async function destroy(nodes: { name: string; instanceUuid: string; vm?: string }[]): Promise<void> {
  const { [MARKS.node]: _, ...expected } = marks(DEPLOYMENT, CLUSTER, '');
  await destroyVms.run({ vcenter }, { nodes, marks: expected, folderName: 'shop-removed' });
}

/** Destroys what an inventory finds, as the deletion of a cluster does. */
async function sweep(): Promise<void> {
  const { vms } = await inventory.run({ vcenter }, { uuidPrefix: deploymentPrefix(DEPLOYMENT) });
  const own = vms.filter((vm) => parseInstanceUuid(DEPLOYMENT, vm.instanceUuid)?.clusterId === CLUSTER);
  const byUuid = Map.groupBy(own, (vm) => vm.instanceUuid);
  await destroy(
    [...byUuid].map(([uuid, [first, copy]]) => ({
      name: String(first?.name),
      instanceUuid: uuid,
      vm: copy ? undefined : first?.vm,
    })),
  );
}

/** Clones nodes whose clones may have been asked for before. */
async function adopt(nodes: Node[]): Promise<void> {
  const template = placements.workers?.template?.ref;
  if (!template) throw new Error('there is no template');
  const answer = await cloneVms.run(
    { vcenter },
    {
      placements,
      since: new Date(Date.now() - 60_000).toISOString(),
      until: new Date().toISOString(),
      known: [],
      nodes: nodes.map(({ name, serial }) => ({
        name,
        instanceUuid: uuidOf(serial),
        placement: 'workers',
        template,
        hardware: {},
        vcpu: 1,
        ramMiB: 128,
        marks: marks(DEPLOYMENT, CLUSTER, name),
        extraConfig: {},
        mayExist: true,
      })),
    },
  );
  const tasks = answer.nodes.flatMap(({ task }) => (task ? [{ type: 'Task', value: task }] : []));
  await waitForTasks(vcenter, tasks, 20);
}

test(`VMs of others are never touched, in ${RUNS} random inventories`, async () => {
  await fc.assert(
    fc.asyncProperty(situation, async ({ nodes, own, foreign, act }) => {
      await control('DELETE');
      const others = foreign.map(plantedForeign);
      const existing = nodes.filter((_, index) => own[index] !== 'none');
      const ours = existing.map(
        (node): Planted => ({
          name: node.name,
          instanceUuid: uuidOf(node.serial),
          on: own[nodes.indexOf(node)] === 'on',
          extraConfig: marks(DEPLOYMENT, CLUSTER, node.name),
        }),
      );
      // A folder has each name once.
      const names = new Set<string>();
      const planted = [...ours, ...others].filter(({ name }) => !names.has(name) && names.add(name));
      await control('POST', planted);
      const before = (await control<Found[]>('GET')).filter(({ template }) => !template);
      const isOurs = (vm: Found) =>
        vm.marks[MARKS.node] === vm.name &&
        nodes.some((node) => node.name === vm.name && uuidOf(node.serial) === vm.instanceUuid);
      const theirs = before.filter((vm) => !isOurs(vm));
      const ambiguous = new Set(theirs.map((vm) => vm.instanceUuid));

      if (act === 'destroy') await destroy(nodes.map(({ name, serial }) => ({ name, instanceUuid: uuidOf(serial) })));
      if (act === 'sweep') await sweep();
      if (act === 'adopt') await adopt(nodes);

      const after = await control<Found[]>('GET');
      for (const vm of theirs) expect(after.find(({ id }) => id === vm.id)).toEqual(vm);
      for (const vm of before.filter(isOurs)) {
        const now = after.find(({ id }) => id === vm.id);
        // Of two with one UUID none is taken for ours: even ours stays as it is.
        if (ambiguous.has(vm.instanceUuid)) expect(now).toEqual(vm);
        else if (act === 'adopt') expect(now?.power).toBe('poweredOn');
        else expect(now).toBeUndefined();
      }
      for (const node of nodes) {
        const all = after.filter((vm) => vm.instanceUuid === uuidOf(node.serial));
        const were = before.filter((vm) => vm.instanceUuid === uuidOf(node.serial));
        expect(all.length).toBeLessThanOrEqual(Math.max(1, were.length));
      }
    }),
    { numRuns: RUNS },
  );
}, 600_000);
