import {
  list,
  type Ref,
  readProperties,
  text,
  toRef,
  toXml,
  type VCenter,
  VSphereError,
  waitForTasks,
} from '../vsphere/index.ts';

/** A VM to destroy, which is off, and the folder that it is in. */
interface Target {
  vm: Ref;
  parent: string;
}

/** What is left to do: VMs to destroy one by one, and folders to remove once they are empty. */
export interface Left<T> {
  targets: T[];
  folders: Ref[];
}

/**
 * Destroys many VMs by few requests: moves them into a folder of their own, and destroys that with all that is in it
 * (Folder.Destroy_Task, vSphere Web Services API: "deleting its contents"). The folder is destroyed only if there is nothing in
 * it but the VMs that were moved there. An empty folder that an earlier try left is used again.
 *
 * @returns what could not be done so: everything, where the user may not make folders
 */
export async function destroyTogether<T extends Target>(
  vcenter: VCenter,
  targets: readonly T[],
  folderName: string,
  secondsLeft: () => number,
): Promise<Left<T>> {
  const left: Left<T> = { targets: [], folders: [] };
  for (const [parent, own] of Map.groupBy(targets, (target) => target.parent)) {
    await destroyIn(vcenter, parent, own, folderName, secondsLeft, left);
  }
  return left;
}

/** Removes folders that are empty; one that this user may not remove stays. */
export async function removeEmpty(vcenter: VCenter, folders: readonly Ref[], secondsLeft: () => number): Promise<void> {
  for (const folder of folders) {
    try {
      if ((await childrenOf(vcenter, folder)).length > 0) continue;
      const [destroy] = await vcenter.call('Destroy_Task', folder);
      await failed(vcenter, toRef(destroy), secondsLeft);
    } catch (error) {
      // A folder that is gone is removed; any other is no reason to keep a cluster.
      if (isUnreachable(error)) throw error;
    }
  }
}

const isUnreachable = (error: unknown) =>
  !(error instanceof VSphereError) || ['VCenterBusy', 'VCenterUnreachable'].includes(error.name);

async function destroyIn<T extends Target>(
  vcenter: VCenter,
  parent: string,
  targets: T[],
  folderName: string,
  secondsLeft: () => number,
  left: Left<T>,
): Promise<void> {
  let folder: Ref | undefined;
  const leave = () => {
    left.targets.push(...targets);
    if (folder) left.folders.push(folder);
  };
  try {
    folder = await folderOf(vcenter, { type: 'Folder', value: parent }, folderName);
    if (folder.value !== parent) {
      const vms = targets.map(({ vm }) => toXml(vm));
      const [move] = await vcenter.call('MoveIntoFolder_Task', folder, { list: vms });
      if (await failed(vcenter, toRef(move), secondsLeft)) return void leave();
    }
    const ours = new Set(targets.map(({ vm }) => vm.value));
    const children = await childrenOf(vcenter, folder);
    if (children.length === 0 || !children.every((child) => ours.has(child))) return void leave();
    const [destroy] = await vcenter.call('Destroy_Task', folder);
    if (await failed(vcenter, toRef(destroy), secondsLeft)) leave();
  } catch (error) {
    // One by one tells of each VM what is wrong with it.
    if (isUnreachable(error)) throw error;
    leave();
  }
}

/** The folder of that name in a folder, made where it is missing; the folder itself where it is of that name. */
async function folderOf(vcenter: VCenter, parent: Ref, name: string): Promise<Ref> {
  const [properties] = await readProperties(vcenter, [parent], ['name']);
  if (text(properties?.values.name) === name) return parent;
  try {
    const [made] = await vcenter.call('CreateFolder', parent, { name });
    return toRef(made);
  } catch (error) {
    if (!(error instanceof VSphereError) || error.fault !== 'DuplicateName') throw error;
    const { searchIndex } = await vcenter.content();
    const [found] = await vcenter.call('FindChild', searchIndex, { entity: toXml(parent), name });
    if (!found) throw error;
    return toRef(found);
  }
}

async function failed(vcenter: VCenter, task: Ref, secondsLeft: () => number): Promise<boolean> {
  return (await waitForTasks(vcenter, [task], secondsLeft()))[0] !== undefined;
}

async function childrenOf(vcenter: VCenter, folder: Ref): Promise<string[]> {
  const [properties] = await readProperties(vcenter, [folder], ['childEntity']);
  return list(properties?.values.childEntity?.ManagedObjectReference).map(text);
}
