import { invalidSpec, type Ref, toXml, type Xml } from '../../vsphere/index.ts';
import { type Hardware, type Provisioning, toProfile } from './hardware.ts';
import type { Placement } from './placement.ts';
import type { Template } from './template.ts';

const KIB_PER_GIB = 1024 ** 2;
/** Units of a controller: SCSI has 16, NVMe 15, SATA 30; more disks than fit on the smallest are not asked for. */
const UNITS = 15;

const FORMATS: Record<Provisioning, Xml> = {
  thin: { thinProvisioned: true },
  thick: { thinProvisioned: false, eagerlyScrub: false },
  eagerZeroedThick: { thinProvisioned: false, eagerlyScrub: true },
};

/**
 * The changes (VirtualDeviceConfigSpec) that grow the system disk and add further ones beside it, on its controller.
 * @throws InvalidSpec where the disk would shrink, or the controller has no room
 */
export function diskChanges(
  template: Pick<Template, 'disks' | 'name' | 'usedUnits'>,
  { disk, disks = [], provisioning }: Pick<Hardware, 'disk' | 'disks' | 'provisioning'>,
  storageProfile?: string,
): Xml[] {
  const [system] = template.disks;
  checkGrows(template, disk);
  if (!system) {
    if (disks.length === 0) return [];
    throw noDisk(template.name);
  }
  const profile = toProfile(storageProfile);
  return [
    ...grow(system, disk),
    ...disks.map((each, index) => ({
      operation: 'add',
      fileOperation: 'create',
      device: {
        '@xsi:type': 'VirtualDisk',
        key: -(101 + index),
        backing: {
          '@xsi:type': 'VirtualDiskFlatVer2BackingInfo',
          // Beside the VM, by a name of vCenter's own.
          fileName: '',
          diskMode: 'persistent',
          ...(FORMATS[each.provisioning ?? provisioning ?? formatOf(system)] as object),
        },
        controllerKey: system.controllerKey,
        unitNumber: freeUnits(template)[index] ?? tooMany(template.name, disks.length),
        capacityInKB: each.size * KIB_PER_GIB,
      },
      profile,
    })),
  ];
}

const formatOf = ({ thin, eagerlyScrubbed }: Template['disks'][number]): Provisioning =>
  thin ? 'thin' : eagerlyScrubbed ? 'eagerZeroedThick' : 'thick';

function freeUnits({ usedUnits }: Pick<Template, 'usedUnits'>): number[] {
  return Array.from({ length: UNITS }, (_, unit) => unit).filter((unit) => !usedUnits.includes(unit));
}

function tooMany(name: string, disks: number): never {
  throw invalidSpec(`template ${name}: its disk controller has no room for ${disks} further disks`);
}

/** @throws InvalidSpec where a system disk of this size (GiB) is smaller than the template's, or there is none */
export function checkGrows({ name, disks }: Pick<Template, 'disks' | 'name'>, disk: number | undefined): void {
  if (disk === undefined) return;
  const [system] = disks;
  if (!system) throw noDisk(name);
  if (disk * KIB_PER_GIB < system.capacityKiB) {
    throw invalidSpec(
      `disk: ${disk} GiB is less than the ${Math.ceil(system.capacityKiB / KIB_PER_GIB)} GiB of template ${name}, and a disk can only grow`,
    );
  }
}

const noDisk = (name: string) =>
  invalidSpec(`template ${name} has no disk: leave disk and disks out, or name another template`);

function grow(system: Template['disks'][number], disk: number | undefined): Xml[] {
  const capacityInKB = (disk ?? 0) * KIB_PER_GIB;
  if (disk === undefined || capacityInKB === system.capacityKiB) return [];
  return [
    {
      operation: 'edit',
      device: {
        '@xsi:type': 'VirtualDisk',
        key: system.key,
        // vCenter knows the clone's disk by its key; the backing is the template's, for the API demands one.
        backing: { '@xsi:type': 'VirtualDiskFlatVer2BackingInfo', fileName: system.file, diskMode: system.mode },
        controllerKey: system.controllerKey,
        unitNumber: system.unitNumber,
        capacityInKB,
        capacityInBytes: capacityInKB * 1024,
      },
    },
  ];
}

/**
 * Where and how the template's disks are written (VirtualMachineRelocateSpecDiskLocator): only where a format or a storage policy
 * is wanted. A policy of the location itself is for the VM's home directory alone.
 */
export function diskLocators(
  { disks }: Pick<Template, 'disks'>,
  { provisioning, linkedClone }: Pick<Hardware, 'provisioning' | 'linkedClone'>,
  { storageProfile }: Pick<Placement, 'storageProfile'>,
  datastore: Ref | undefined,
): Xml[] {
  if (!provisioning && !storageProfile) return [];
  return disks.map(({ key, mode, datastore: own }) => ({
    diskId: key,
    datastore: toXml(datastore ?? { type: 'Datastore', value: String(own) }),
    diskMoveType: linkedClone ? 'createNewChildDiskBacking' : undefined,
    diskBackingInfo: provisioning && {
      '@xsi:type': 'VirtualDiskFlatVer2BackingInfo',
      fileName: '',
      diskMode: mode,
      ...(FORMATS[provisioning] as object),
    },
    profile: toProfile(storageProfile),
  }));
}
