import * as z from 'zod/mini';
import {
  findVms,
  lookUp,
  type Ref,
  TASK_PATHS,
  taskError,
  text,
  VSphereError,
  watchProperties,
  type Xml,
} from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { nodeError, told } from './shapes.ts';

const input = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      instanceUuid: z.string(),
      vm: z.optional(z.string()),
      task: z.optional(z.string()),
    }),
  ),
  maxWaitSeconds: z.number().check(z.gte(0), z.lte(25)),
});
type Wanted = z.infer<typeof input>['nodes'][number];

const sight = z.object({
  name: z.string(),
  vm: z.optional(z.string()),
  state: z.enum(['cloning', 'on', 'off', 'gone', 'failed']),
  address: z.optional(z.string()),
  error: z.optional(nodeError),
});
export type Sight = z.infer<typeof sight>;
const output = z.object({ nodes: z.array(sight) });

const PATHS = { Task: TASK_PATHS, VirtualMachine: ['runtime.powerState', 'guest.ipAddress'] };
const vmRef = (value: string): Ref => ({ type: 'VirtualMachine', value });
const taskRef = (value: string): Ref => ({ type: 'Task', value });

/**
 * Watches a wave of VMs on one property collector, until each has an address or failed, or the time is over. Tells of each who
 * is being cloned, is on or off, has an address, is gone, failed.
 */
export const observeNodes: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'observe-nodes',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { nodes, maxWaitSeconds }) {
    const look = async (wanted: Wanted[]) => {
      const vms = new Map(wanted.flatMap(({ name, vm }) => (vm ? [[name, vmRef(vm)] as const] : [])));
      let sights: Sight[] = [];
      const refs = wanted.flatMap(({ vm, task }) => (vm ? [vmRef(vm)] : task ? [taskRef(task)] : []));
      await watchProperties(vcenter, refs, PATHS, maxWaitSeconds, (known, watch) => {
        const before = vms.size;
        for (const { name, task } of wanted) {
          const result = task && !vms.has(name) && lookUp(known, taskRef(task))['info.result'];
          if (result) vms.set(name, vmRef(text(result)));
        }
        // Tasks that ended are watched no longer, for vCenter forgets them.
        if (vms.size > before) watch(wanted.map(({ name, task }) => vms.get(name) ?? taskRef(String(task))));
        sights = wanted.map((each) => see(each, vms.get(each.name), (ref) => lookUp(known, ref)));
        return sights.every(
          ({ state, address }) => state === 'failed' || state === 'gone' || (state === 'on' && address),
        );
      });
      return sights;
    };
    const known = nodes.filter(({ vm, task }) => vm || task);
    const unknown = nodes.filter(({ vm, task }) => !vm && !task);
    const searched = async (some: Wanted[]) => {
      const found = await findVms(
        vcenter,
        some.map(({ instanceUuid }) => instanceUuid),
      );
      const there = some.flatMap((each) => {
        const [vm] = found.get(each.instanceUuid) ?? [];
        return vm ? [{ ...each, vm: vm.value, task: undefined }] : [];
      });
      const gone = some.filter(({ instanceUuid }) => !found.has(instanceUuid));
      return [
        ...(there.length > 0 ? await look(there) : []),
        ...gone.map(({ name }): Sight => ({ name, state: 'gone' })),
      ];
    };
    try {
      const sights = known.length ? await look(known) : [];
      return { nodes: [...sights, ...(await searched(unknown))] };
    } catch (error) {
      // A VM or a task is no longer there: vCenter forgets tasks after some minutes. The UUIDs tell which VMs are.
      if (!(error instanceof VSphereError) || error.name !== 'NotFound') throw error;
      return { nodes: await searched(nodes) };
    }
  },
};

function see({ name, task }: Wanted, vm: Ref | undefined, values: (ref: Ref) => Record<string, Xml>): Sight {
  if (!vm) {
    const error = task ? values(taskRef(task))['info.error'] : undefined;
    return error
      ? { name, state: 'failed', error: told(taskError(error, `Cloning ${name}`)) }
      : { name, state: 'cloning' };
  }
  const properties = values(vm);
  const common = { name, vm: vm.value };
  if (properties.gone) return { name, state: 'gone' };
  const power = text(properties['runtime.powerState']);
  if (!power) return { ...common, state: 'cloning' };
  const address = text(properties['guest.ipAddress']) || undefined;
  return power === 'poweredOn' ? { ...common, state: 'on', address } : { ...common, state: 'off' };
}
