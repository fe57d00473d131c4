import { VSphereError } from './errors.ts';
import { type Properties, readInventory, readProperties } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { type Ref, text, toRef } from './xml.ts';

/** So many VMs are looked up one by one; more by one look through the inventory. */
const FEW = 8;

/**
 * Finds VMs by their instance UUIDs, in lower case. A UUID that is not in the answer has no VM; several VMs of one UUID are
 * copies that were made by hand.
 */
export async function findVms(vcenter: VCenter, uuids: readonly string[]): Promise<Map<string, Ref[]>> {
  const pairs = uuids.length <= FEW ? await oneByOne(vcenter, uuids) : await fromInventory(vcenter, uuids);
  const found = Map.groupBy(pairs, ([uuid]) => uuid);
  return new Map([...found].map(([uuid, each]) => [uuid, each.map(([, vm]) => vm)]));
}

async function oneByOne(vcenter: VCenter, uuids: readonly string[]): Promise<[string, Ref][]> {
  const { searchIndex } = await vcenter.content();
  const search = async (uuid: string) => {
    const found = await vcenter.call('FindAllByUuid', searchIndex, { uuid, vmSearch: true, instanceUuid: true });
    return found.map((vm): [string, Ref] => [uuid, toRef(vm)]);
  };
  return (await Promise.all(uuids.map(search))).flat();
}

async function fromInventory(vcenter: VCenter, uuids: readonly string[]): Promise<[string, Ref][]> {
  const wanted = new Set(uuids);
  const all = await readInventory(vcenter, { VirtualMachine: ['config.instanceUuid'] });
  return all
    .map(({ ref, values }): [string, Ref] => [text(values['config.instanceUuid']).toLowerCase(), ref])
    .filter(([uuid]) => wanted.has(uuid));
}

/** Times that VMs are found again, because some vanished before they were read. */
const TRIES = 4;

/**
 * Finds VMs by their instance UUIDs and reads properties of them, in one further request.
 * @returns by UUID every VM that has it
 */
export async function readVms(
  vcenter: VCenter,
  uuids: readonly string[],
  paths: readonly string[],
): Promise<Map<string, Properties[]>> {
  for (let tries = 1; ; tries++) {
    const found = await findVms(vcenter, uuids);
    try {
      const read = await readProperties(vcenter, [...found.values()].flat(), paths);
      const byId = new Map(read.map((each) => [each.ref.value, each]));
      return new Map([...found].map(([uuid, refs]) => [uuid, refs.flatMap(({ value }) => byId.get(value) ?? [])]));
    } catch (error) {
      if (!(error instanceof VSphereError) || error.name !== 'NotFound' || tries === TRIES) throw error;
    }
  }
}
