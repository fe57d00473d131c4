import { parseInstanceUuid } from './identity.ts';
import type { Node } from './node.ts';

/** A VM that an inventory found. */
export interface FoundVm {
  name: string;
  instanceUuid: string;
  power: 'on' | 'off' | 'suspended';
}

/**
 * Compares the nodes of a cluster with the VMs that exist.
 *
 * @returns nodes that were ready and whose VM is gone or does not run, and VMs of the cluster that no record knows
 */
export function takeStock(
  deployment: string,
  clusterId: number,
  nodes: readonly Node[],
  vms: readonly FoundVm[],
): { lost: { node: Node; reason: string }[]; strays: FoundVm[] } {
  const own = new Map(
    vms
      .filter((vm) => parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId === clusterId)
      .map((vm) => [vm.instanceUuid.toLowerCase(), vm]),
  );
  const lost = nodes
    .filter((node) => node.status === 'ready')
    .flatMap((node) => {
      const vm = own.get(node.instanceUuid);
      if (!vm) return [{ node, reason: 'is gone from the vCenter' }];
      return vm.power === 'on' ? [] : [{ node, reason: vm.power === 'off' ? 'is switched off' : 'is suspended' }];
    });
  const known = new Set(nodes.map((node) => node.instanceUuid));
  return { lost, strays: [...own].filter(([uuid]) => !known.has(uuid)).map(([, vm]) => vm) };
}
