import * as z from 'zod/mini';
import { eachLimited } from '../each-limited.ts';
import {
  nameTaken,
  type Properties,
  type Ref,
  readProperties,
  readVms,
  taskFailed,
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
/** Seconds for all waits of one call together. */
const CALL_SECONDS = 220;
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
    const end = Date.now() + CALL_SECONDS * 1000;
    const left = () => Math.max(1, (end - Date.now()) / 1000);
    const targets = await findTargets(vcenter, nodes, marks, errors);
    await runTasks(
      vcenter,
      'PowerOffVM_Task',
      targets.filter(({ on }) => on),
      errors,
      ['InvalidPowerState', 'ManagedObjectNotFound'],
      left,
    );
    const off = targets.filter(({ name }) => !errors.has(name));
    const { targets: single, folders } =
      off.length < MANY ? { targets: off, folders: [] } : await destroyTogether(vcenter, off, folderName, left);
    await runTasks(vcenter, 'Destroy_Task', single, errors, ['ManagedObjectNotFound'], left);
    await removeEmpty(vcenter, folders, left);
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
  const others = nodes.filter(({ vm }) => !vm || !known.has(vm));
  const found = await readVms(
    vcenter,
    others.map(({ instanceUuid }) => instanceUuid),
    PATHS,
  );
  return nodes.flatMap(({ name, instanceUuid, vm }) => {
    const own = vm ? known.get(vm) : undefined;
    const [first, copy] = own ? [own] : (found.get(instanceUuid) ?? []);
    if (!first) return [];
    const uuid = text(first.values['config.instanceUuid']).toLowerCase();
    if (copy) errors.set(name, copies(name, instanceUuid));
    else if (uuid !== instanceUuid) errors.set(name, unreadable(name, first.ref));
    else if (!bearsMarks(first.values['config.extraConfig'], marks)) errors.set(name, foreign(name, first.values));
    else return [toTarget(name, first)];
    return [];
  });
}

const toTarget = (name: string, { ref, values }: Properties): Target => ({
  name,
  vm: ref,
  on: text(values['runtime.powerState']) !== 'poweredOff',
  parent: text(values.parent),
});

/**
 * Reads the VMs whose ids are known, in one request, by id. Left out are those whose id is another's by now; one whose
 * configuration can not be read is not.
 */
async function readKnown(vcenter: VCenter, nodes: readonly Wanted[]): Promise<Map<string, Properties>> {
  const uuids = new Map(nodes.flatMap(({ vm, instanceUuid }) => (vm ? [[vm, instanceUuid] as const] : [])));
  try {
    const refs = [...uuids.keys()].map((value) => ({ type: 'VirtualMachine', value }));
    const read = await readProperties(vcenter, refs, PATHS);
    return new Map(
      read
        .filter(({ ref, values }) =>
          ['', uuids.get(ref.value)].includes(text(values['config.instanceUuid']).toLowerCase()),
        )
        .map((each) => [each.ref.value, each]),
    );
  } catch (error) {
    // One of them is gone: all are looked up by their UUIDs.
    if (error instanceof VSphereError && error.name === 'NotFound') return new Map();
    throw error;
  }
}

const unreadable = (name: string, { value }: Ref) =>
  taskFailed(`the configuration of ${name}'s VM (${value}) can not be read: does its datastore answer?`);

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
  secondsLeft: () => number,
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
    secondsLeft(),
  );
  for (const [index, error] of ends.entries()) {
    if (error && !isFine(error)) errors.set(running[index]?.name ?? '', error);
  }
}
