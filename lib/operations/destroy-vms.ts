import * as z from 'zod/mini';
import {
  findByInstanceUuid,
  nameTaken,
  type Ref,
  readProperties,
  text,
  toRef,
  type VCenter,
  VSphereError,
  waitForTasks,
} from '../vsphere/index.ts';
import { eachLimited } from './each-limited.ts';
import { bearsMarks } from './marks.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { nodeError, told } from './shapes.ts';

/** Requests under way at once. */
const AT_ONCE = 8;
const TASK_SECONDS = 120;

const input = z.object({
  nodes: z.array(z.object({ name: z.string(), instanceUuid: z.string() })),
  /** What a VM's extraConfig must say for it to be destroyed. */
  marks: z.record(z.string(), z.string()),
});
const output = z.object({
  nodes: z.array(z.object({ name: z.string(), destroyed: z.boolean(), error: z.optional(nodeError) })),
});
type Target = { name: string; vm: Ref; on: boolean };

/**
 * Destroys VMs, each found by its instance UUID and only if it bears the marks; what is gone counts as destroyed. Power-off and
 * destroy are each waited for in one wait for all.
 */
export const destroyVms: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'destroy-vms',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { nodes, marks }) {
    const errors = new Map<string, unknown>();
    const found = await eachLimited(nodes, AT_ONCE, (node) =>
      find(vcenter, node, marks).catch((error) => void errors.set(node.name, error)),
    );
    const targets = found.filter((target) => target !== undefined);
    await runTasks(
      vcenter,
      'PowerOffVM_Task',
      targets.filter(({ on }) => on),
      errors,
      ['InvalidPowerState'],
    );
    const off = targets.filter(({ name }) => !errors.has(name));
    await runTasks(vcenter, 'Destroy_Task', off, errors, ['ManagedObjectNotFound']);
    return {
      nodes: nodes.map(({ name }) => {
        const error = errors.get(name);
        return { name, destroyed: error === undefined, error: error === undefined ? undefined : told(error) };
      }),
    };
  },
};

async function find(
  vcenter: VCenter,
  { name, instanceUuid }: { name: string; instanceUuid: string },
  marks: Record<string, string>,
): Promise<Target | undefined> {
  const [vm, second] = await findByInstanceUuid(vcenter, instanceUuid);
  if (!vm) return undefined;
  if (second)
    throw nameTaken(
      `several VMs have the instance UUID ${instanceUuid} of ${name}: none is touched. Remove the copy by hand.`,
    );
  const [properties] = await readProperties(vcenter, [vm], ['name', 'config.extraConfig', 'runtime.powerState']);
  const values = properties?.values ?? {};
  if (!bearsMarks(values['config.extraConfig'], marks)) {
    throw nameTaken(`the VM '${text(values.name)}' has the UUID of ${name} but not our marks: it is not touched.`);
  }
  return { name, vm, on: text(values['runtime.powerState']) !== 'poweredOff' };
}

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
