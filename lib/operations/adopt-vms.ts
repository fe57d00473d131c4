import {
  invalidSpec,
  nameTaken,
  type Ref,
  readVms,
  text,
  toRef,
  type VCenter,
  VSphereError,
  type Xml,
} from '../vsphere/index.ts';
import type { CloneNode } from './clone-spec.ts';
import { bearsMarks } from './marks.ts';
import { type Cloned, told } from './shapes.ts';

/** By what a VM is known as a node's. */
type OwnVm = Pick<CloneNode, 'name' | 'instanceUuid' | 'marks'>;

/**
 * Finds the VMs that an earlier try made for nodes, and switches those on that are off. Nodes without a VM are left out.
 * A VM that has a node's UUID but not its marks is never touched.
 */
export async function adoptVms(vcenter: VCenter, nodes: readonly OwnVm[]): Promise<Map<string, Cloned>> {
  if (nodes.length === 0) return new Map();
  const uuids = nodes.map(({ instanceUuid }) => instanceUuid);
  const found = await readVms(vcenter, uuids, ['name', 'config.extraConfig', 'runtime.powerState']);
  const adopted = await Promise.all(
    nodes.map(async (node): Promise<Cloned | undefined> => {
      const [vm, copy] = found.get(node.instanceUuid) ?? [];
      if (!vm) return undefined;
      try {
        if (copy) throw copies(node);
        return await adopt(vcenter, node, vm.ref, vm.values);
      } catch (error) {
        return { name: node.name, error: told(error) };
      }
    }),
  );
  return new Map(adopted.filter((each) => each !== undefined).map((each) => [each.name, each]));
}

async function adopt(
  vcenter: VCenter,
  { name, instanceUuid, marks }: OwnVm,
  vm: Ref,
  values: Record<string, Xml>,
): Promise<Cloned> {
  if (!bearsMarks(values['config.extraConfig'], marks)) {
    throw nameTaken(
      `The VM '${text(values.name)}' has the instance UUID ${instanceUuid} of node ${name} but not our marks: it is not touched. Remove it, or give it another UUID.`,
    );
  }
  const power = text(values['runtime.powerState']);
  if (power === 'suspended') {
    throw invalidSpec(`The VM of node ${name} is suspended: resume it, or remove it for a new one to be made.`);
  }
  if (power === 'poweredOn') return { name, vm: vm.value };
  try {
    const [task] = await vcenter.call('PowerOnVM_Task', vm);
    return { name, vm: vm.value, task: toRef(task).value };
  } catch (error) {
    // Somebody else was quicker.
    if (error instanceof VSphereError && error.fault === 'InvalidPowerState') return { name, vm: vm.value };
    throw error;
  }
}

const copies = ({ name, instanceUuid }: OwnVm) =>
  nameTaken(
    `Several VMs have the instance UUID ${instanceUuid} of node ${name}: all but one are copies made by hand. None is touched: remove the copies.`,
  );
