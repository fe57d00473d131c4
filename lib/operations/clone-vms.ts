import * as z from 'zod/mini';
import {
  findByInstanceUuid,
  nameTaken,
  type Ref,
  readProperties,
  text,
  toRef,
  toXml,
  type VCenter,
  VSphereError,
} from '../vsphere/index.ts';
import { type CloneNode, cloneNode, cloneSpec } from './clone-spec.ts';
import { eachLimited } from './each-limited.ts';
import { bearsMarks } from './marks.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { type Placement, placements } from './placement/placement.ts';
import { nodeError, told } from './shapes.ts';

const input = z.object({
  placements,
  maxConcurrent: z.int().check(z.gte(1)),
  nodes: z.array(cloneNode),
});
type Input = z.infer<typeof input>;

const cloned = z.object({
  name: z.string(),
  task: z.optional(z.string()),
  vm: z.optional(z.string()),
  adopted: z.boolean(),
  error: z.optional(nodeError),
});
type Cloned = z.infer<typeof cloned>;
const output = z.object({ nodes: z.array(cloned) });

/** Errors that concern the vCenter, not one node: the whole batch is tried again. */
const OF_THE_BATCH = VCENTER_ERRORS;

/**
 * Clones VMs, one CloneVM_Task each: location, hardware, marks, guestinfo, instance UUID and power-on in one request. It does
 * not wait for the tasks. A VM that exists already is adopted where its marks are ours.
 */
export const cloneVms: VCenterOperation<Input, z.infer<typeof output>> = {
  name: 'clone-vms',
  input,
  output,
  errors: [...VCENTER_ERRORS, 'NotFound', 'NameTaken', 'InvalidSpec', 'OutOfResources'],
  async run({ vcenter }, { placements, maxConcurrent, nodes }) {
    return {
      nodes: await eachLimited(nodes, maxConcurrent, (each) =>
        cloneOrAdopt(vcenter, placements[each.placement] as Placement, each),
      ),
    };
  },
};

async function cloneOrAdopt(vcenter: VCenter, placement: Placement, wanted: CloneNode): Promise<Cloned> {
  const { name } = wanted;
  try {
    const vm = wanted.mayExist ? await adopt(vcenter, wanted) : undefined;
    if (vm) return { name, vm: vm.value, adopted: true };
    return { name, task: (await clone(vcenter, placement, wanted)).value, adopted: false };
  } catch (error) {
    if (error instanceof VSphereError && error.name !== 'NameTaken' && OF_THE_BATCH.includes(error.name)) throw error;
    return { name, adopted: false, error: told(error) };
  }
}

async function clone(vcenter: VCenter, placement: Placement, wanted: CloneNode): Promise<Ref> {
  const [task] = await vcenter.call('CloneVM_Task', wanted.template, {
    folder: toXml(placement.folder),
    name: wanted.name,
    spec: cloneSpec(placement, wanted),
  });
  return toRef(task);
}

/** Finds the VM that an earlier try made; switches it on where that try did not get so far. */
async function adopt(vcenter: VCenter, { name, instanceUuid, marks }: CloneNode): Promise<Ref | undefined> {
  const found = await findByInstanceUuid(vcenter, instanceUuid);
  if (found.length > 1) {
    throw nameTaken(
      `${found.length} VMs have the instance UUID ${instanceUuid} of node ${name}: one of them is a copy made by hand. Remove the copy.`,
    );
  }
  const [vm] = found;
  if (!vm) return undefined;
  const [properties] = await readProperties(vcenter, [vm], ['name', 'config.extraConfig', 'runtime.powerState']);
  const values = properties?.values ?? {};
  if (!bearsMarks(values['config.extraConfig'], marks)) {
    throw nameTaken(
      `The VM '${text(values.name)}' has the instance UUID of node ${name} but not our marks: it is not touched. Remove it, or give it another UUID.`,
    );
  }
  if (text(values['runtime.powerState']) === 'poweredOff') await vcenter.call('PowerOnVM_Task', vm);
  return vm;
}
