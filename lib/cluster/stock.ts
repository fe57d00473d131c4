import { parseInstanceUuid } from './identity.ts';
import type { Node } from './node.ts';

/** A VM that an inventory found. */
export interface FoundVm {
  name: string;
  instanceUuid: string;
  power: 'on' | 'off' | 'suspended';
}

/** What an inventory found. */
export interface FoundVms {
  vms: readonly FoundVm[];
  /** Managed object ids of VMs whose configuration can not be read, as where their storage does not answer. */
  unreadable: ReadonlySet<string>;
}

/** What is amiss with the VMs of a cluster's nodes. */
export interface Stock {
  /** Nodes that were ready and whose VM is gone, or went off again soon after it was switched on: they are replaced. */
  lost: { node: Node; reason: string }[];
  /** Nodes whose VM is off: they are switched on. */
  off: Node[];
  /** Nodes whose VM somebody suspended: only they know why. */
  suspended: Node[];
  /** Nodes whose instance UUID several VMs have: copies made by hand. Which is the node is not guessed. */
  copied: Node[];
  /** Nodes that were lost, but whose VM is on after all, as where an administrator switched it on. */
  recovered: Node[];
  /** VMs of the cluster that no record knows. */
  strays: FoundVm[];
}

/** Milliseconds in which a VM that was switched on and is off again is not worth another try. */
const UNSTABLE_MS = 15 * 60_000;

/** Compares the nodes of a cluster with the VMs that exist. */
export function takeStock(
  deployment: string,
  clusterId: number,
  nodes: readonly Node[],
  { vms, unreadable }: FoundVms,
  now = Date.now(),
): Stock {
  const own = new Map(
    vms
      .filter((vm) => parseInstanceUuid(deployment, vm.instanceUuid)?.clusterId === clusterId)
      .map((vm) => [vm.instanceUuid.toLowerCase(), vm]),
  );
  const counts = Map.groupBy(vms, (vm) => vm.instanceUuid.toLowerCase());
  const isCopied = (node: Node) => (counts.get(node.instanceUuid)?.length ?? 0) > 1;
  const powerOf = (node: Node) => own.get(node.instanceUuid)?.power;
  const stock: Stock = { lost: [], off: [], suspended: [], copied: [], recovered: [], strays: [] };
  for (const node of nodes.filter(({ status }) => status === 'ready')) {
    if (isCopied(node)) {
      stock.copied.push(node);
      continue;
    }
    const power = powerOf(node);
    const unstable = node.poweredOnAt !== undefined && Date.parse(node.poweredOnAt) > now - UNSTABLE_MS;
    // One that can not be read is neither there nor gone.
    if (power === undefined && node.vm && unreadable.has(node.vm)) continue;
    if (power === undefined) stock.lost.push({ node, reason: 'is gone from the vCenter' });
    else if (power === 'suspended') stock.suspended.push(node);
    else if (power === 'off' && unstable) stock.lost.push({ node, reason: 'does not stay on' });
    else if (power === 'off') stock.off.push(node);
  }
  stock.recovered = nodes.filter(
    (node) => node.status === 'lost' && node.readyAt && !isCopied(node) && powerOf(node) === 'on',
  );
  const known = new Set(nodes.map((node) => node.instanceUuid));
  stock.strays = [...own].filter(([uuid]) => !known.has(uuid)).map(([, vm]) => vm);
  return stock;
}
