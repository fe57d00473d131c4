import * as z from 'zod/mini';
import { eachLimited } from '../each-limited.ts';
import {
  findVms,
  nameTaken,
  type Ref,
  readProperties,
  text,
  toRef,
  type VCenter,
  VSphereError,
  waitForTasks,
  type Xml,
} from '../vsphere/index.ts';
import { destroyTogether, removeEmpty } from './destroy-together.ts';
import { bearsMarks } from './marks.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { nodeError, told } from './shapes.ts';

/** Requests under way at once. */
const AT_ONCE = 8;
const TASK_SECONDS = 300;
/** From so many on, VMs are destroyed together in a folder. */
const MANY = 8;

const node = z.object({ name: z.string(), instanceUuid: z.string(), vm: z.optional(z.string()) });
type Wanted = z.infer<typeof node>;

const input = z.object({
  /** `vm`: the managed object id, where it is known. */
  nodes: z.array(node),
  /** What a VM's extraConfig must say for it to be destroyed. */
  marks: z.record(z.string(), z.string()),
  /** Name of the folder in which many are destroyed together: nobody else's. */
  folderName: z.string(),
});
const output = z.object({
  nodes: z.array(z.object({ name: z.string(), destroyed: z.boolean(), error: z.optional(nodeError) })),
});

/** A VM that is ours to destroy. */
interface Target {
  name: string;
  vm: Ref;
  on: boolean;
  parent: string;
}

const PATHS = ['name', 'config.instanceUuid', 'config.extraConfig', 'runtime.powerState', 'parent'];

/**
 * Destroys VMs, each only if it has its node's instance UUID and bears the marks; what is gone counts as destroyed. All are
 * switched off and waited for in one wait, then destroyed: many of them by one request, in a folder of their own.
 */
export const destroyVms: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'destroy-vms',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { nodes, marks, folderName }) {
    const errors = new Map<string, unknown>();
    const targets = await findTargets(vcenter, nodes, marks, errors);
    await runTasks(
      vcenter,
      'PowerOffVM_Task',
      targets.filter(({ on }) => on),
      errors,
      ['InvalidPowerState', 'ManagedObjectNotFound'],
    );
    const off = targets.filter(({ name }) => !errors.has(name));
    const left =
      off.length < MANY ? { targets: off, folders: [] } : await destroyTogether(vcenter, off, folderName, TASK_SECONDS);
    await runTasks(vcenter, 'Destroy_Task', left.targets, errors, ['ManagedObjectNotFound']);
    await removeEmpty(vcenter, left.folders, TASK_SECONDS);
    return {
      nodes: nodes.map(({ name }) => {
        const error = errors.get(name);
        return { name, destroyed: error === undefined, error: error === undefined ? undefined : told(error) };
      }),
    };
  },
};

async function findTargets(
  vcenter: VCenter,
  nodes: readonly Wanted[],
  marks: Record<string, string>,
  errors: Map<string, unknown>,
): Promise<Target[]> {
  const known = await readKnown(vcenter, nodes);
  const missing = nodes.filter(({ instanceUuid }) => !known.has(instanceUuid));
  const found = await findVms(
    vcenter,
    missing.map(({ instanceUuid }) => instanceUuid),
  );
  const read = await readProperties(vcenter, [...found.values()].flat(), PATHS);
  const values = new Map([...known.values(), ...read].map((each) => [each.ref.value, each]));
  return nodes.flatMap(({ name, instanceUuid }) => {
    const refs = known.has(instanceUuid) ? [known.get(instanceUuid)?.ref as Ref] : (found.get(instanceUuid) ?? []);
    const [vm, copy] = refs;
    const properties = vm && values.get(vm.value)?.values;
    if (!properties) return [];
    if (copy) errors.set(name, copies(name, instanceUuid));
    else if (!bearsMarks(properties['config.extraConfig'], marks)) errors.set(name, foreign(name, properties));
    else return [toTarget(name, vm, properties)];
    return [];
  });
}

const toTarget = (name: string, vm: Ref, properties: Record<string, Xml>): Target => ({
  name,
  vm,
  on: text(properties['runtime.powerState']) !== 'poweredOff',
  parent: text(properties.parent),
});

/** Reads the VMs whose ids are known, in one request; those whose id is another's by now are left out. */
async function readKnown(vcenter: VCenter, nodes: readonly Wanted[]) {
  const refs = nodes.flatMap(({ vm }) => (vm ? [{ type: 'VirtualMachine', value: vm }] : []));
  try {
    const read = await readProperties(vcenter, refs, PATHS);
    const uuids = new Set(nodes.map(({ instanceUuid }) => instanceUuid));
    return new Map(
      read
        .map((each) => [text(each.values['config.instanceUuid']).toLowerCase(), each] as const)
        .filter(([uuid]) => uuids.has(uuid)),
    );
  } catch (error) {
    // One of them is gone: all are looked up by their UUIDs.
    if (error instanceof VSphereError && error.name === 'NotFound') return new Map<string, never>();
    throw error;
  }
}

const copies = (name: string, uuid: string) =>
  nameTaken(`several VMs have the instance UUID ${uuid} of ${name}: none is touched. Remove the copy by hand.`);

const foreign = (name: string, properties: Record<string, Xml>) =>
  nameTaken(`the VM '${text(properties.name)}' has the UUID of ${name} but not our marks: it is not touched.`);

/** Starts a task on each VM and waits for all; faults of the given names count as done. */
async function runTasks(
  vcenter: VCenter,
  method: string,
  targets: Target[],
  errors: Map<string, unknown>,
  fine: string[],
): Promise<void> {
  const isFine = (error: unknown) => error instanceof VSphereError && fine.includes(error.fault ?? '');
  const started = await eachLimited(targets, AT_ONCE, async ({ name, vm }) => {
    try {
      const [task] = await vcenter.call(method, vm);
      return { name, task: toRef(task) };
    } catch (error) {
      if (!isFine(error)) errors.set(name, error);
      return undefined;
    }
  });
  const running = started.filter((each) => each !== undefined);
  const ends = await waitForTasks(
    vcenter,
    running.map(({ task }) => task),
    TASK_SECONDS,
  );
  for (const [index, error] of ends.entries()) {
    if (error && !isFine(error)) errors.set(running[index]?.name ?? '', error);
  }
}
