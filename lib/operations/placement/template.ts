import * as z from 'zod/mini';
import { invalidSpec, list, notFound, type Ref, text, type Xml } from '../../vsphere/index.ts';
import { ref } from '../shapes.ts';

const IS_NIC = /^Virtual(E1000e?|Vmxnet\w*|PCNet32|SriovEthernetCard)$/;
const IS_SCSI = /^(ParaVirtualSCSI|VirtualLsiLogic(SAS)?|VirtualBusLogic)Controller$/;

/** What a clone needs to know of its template to edit its NICs and disks. */
export const template = z.object({
  ref,
  name: z.string(),
  /** The snapshot to clone from. */
  snapshot: z.optional(ref),
  /** NICs in device order. `type` is the vSphere API's name. */
  nics: z.array(
    z.object({ key: z.int(), type: z.string(), controllerKey: z.optional(z.int()), unitNumber: z.optional(z.int()) }),
  ),
  /** Disks in device order. The first is the one with the system. */
  disks: z.array(
    z.object({
      key: z.int(),
      controllerKey: z.int(),
      unitNumber: z.int(),
      capacityKiB: z.int(),
      file: z.string(),
      datastore: z.optional(z.string()),
      mode: z.string(),
      thin: z.optional(z.boolean()),
      eagerlyScrubbed: z.optional(z.boolean()),
    }),
  ),
  /** Unit numbers that are not free on the first disk's controller. */
  usedUnits: z.array(z.int()),
});
export type Template = z.infer<typeof template>;

/** The vSphere API's names of the kinds of NICs that users may ask for. */
export const NIC_TYPES = {
  vmxnet3: 'VirtualVmxnet3',
  e1000e: 'VirtualE1000e',
  e1000: 'VirtualE1000',
  sriov: 'VirtualSriovEthernetCard',
};

const boolean = (xml: Xml) => (xml === undefined ? undefined : text(xml) === 'true');
const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
const optionalNumber = (xml: Xml) => (xml === undefined ? undefined : Number(text(xml)));

/** Reads a template's devices from `config.hardware.device` (ArrayOfVirtualDevice). */
export function readDevices(devices: Xml): Pick<Template, 'nics' | 'disks' | 'usedUnits'> {
  const all = list(devices?.VirtualDevice);
  const nics = all
    .filter((device) => IS_NIC.test(device['@type']))
    .map((device) => ({
      key: Number(text(device.key)),
      type: String(device['@type']),
      controllerKey: optionalNumber(device.controllerKey),
      unitNumber: optionalNumber(device.unitNumber),
    }))
    .sort(byKey);
  const disks = all
    .filter((device) => device['@type'] === 'VirtualDisk')
    .map(({ key, controllerKey, unitNumber, capacityInKB, backing }) => ({
      key: Number(text(key)),
      controllerKey: Number(text(controllerKey)),
      unitNumber: Number(text(unitNumber)),
      capacityKiB: Number(text(capacityInKB)),
      file: text(backing?.fileName),
      datastore: text(backing?.datastore) || undefined,
      mode: text(backing?.diskMode) || 'persistent',
      thin: boolean(backing?.thinProvisioned),
      eagerlyScrubbed: boolean(backing?.eagerlyScrub),
    }))
    .sort(byKey);
  const controllerKey = disks[0]?.controllerKey;
  const controller = all.find((device) => Number(text(device.key)) === controllerKey);
  const usedUnits = all
    .filter((device) => device.unitNumber !== undefined && Number(text(device.controllerKey)) === controllerKey)
    .map((device) => Number(text(device.unitNumber)));
  // The SCSI controller itself has the unit 7.
  if (controller && IS_SCSI.test(controller['@type'])) usedUnits.push(7);
  return { nics, disks, usedUnits };
}

/**
 * Finds a snapshot of a template in `snapshot` (VirtualMachineSnapshotInfo).
 * @param name without one the current snapshot
 * @throws NotFound, InvalidSpec where several have the name
 */
export function findSnapshot(info: Xml, name: string | undefined, templatePath: string): Ref {
  const toSnapshot = (xml: Xml): Ref => ({ type: 'VirtualMachineSnapshot', value: text(xml) });
  const trees: Xml[] = [];
  const collect = (all: Xml) => {
    for (const tree of list(all)) {
      trees.push(tree);
      collect(tree.childSnapshotList);
    }
  };
  collect(info?.rootSnapshotList);
  if (trees.length === 0) {
    throw notFound(
      `template ${templatePath} has no snapshot, which a linked clone needs: make one (govc snapshot.create), or leave linkedClone out`,
    );
  }
  if (name === undefined) return toSnapshot(info.currentSnapshot);
  const found = trees.filter((tree) => text(tree.name) === name);
  const [first, second] = found;
  if (!first) {
    const known = trees.map((tree) => text(tree.name)).slice(0, 10);
    throw notFound(`template ${templatePath} has no snapshot '${name}'. There are: ${known.join(', ')}.`);
  }
  if (second) {
    throw invalidSpec(`template ${templatePath} has ${found.length} snapshots named '${name}': rename all but one`);
  }
  return toSnapshot(first.snapshot);
}
