import * as z from 'zod/mini';

/** Most GiB of a disk (62 TB in vSphere). */
const MAX_DISK_GIB = 63_488;
const gib = z.int().check(z.gte(1), z.lte(MAX_DISK_GIB, `at most ${MAX_DISK_GIB} GiB`));

/** A guaranteed amount, a ceiling, and the weight against others when there is not enough for all. */
export const allocation = z
  .strictObject({
    reservation: z.optional(z.int().check(z.gte(0))),
    limit: z.optional(z.int().check(z.gte(1))),
    shares: z.optional(
      z.union(
        [z.enum(['low', 'normal', 'high']), z.int().check(z.gte(1), z.lte(1_000_000))],
        'low, normal, high or a number',
      ),
    ),
  })
  .check(
    z.refine(({ reservation = 0, limit }) => limit === undefined || reservation <= limit, {
      path: ['reservation'],
      error: 'not more than the limit',
    }),
  );

/** How a disk's space is taken: as it fills, at once, or at once with zeros written. */
export const provisioning = z.enum(['thin', 'thick', 'eagerZeroedThick'], 'thin, thick or eagerZeroedThick');

/** A disk beside the template's; `size` in GiB. */
export const furtherDisk = z.strictObject({ size: gib, provisioning: z.optional(provisioning) });

/** Refuses a field with a reason: accepting it in silence would be a lie. */
const unsupported = (why: string) => z.optional(z.any()).check(z.refine((value) => value === undefined, why));

/** The VMs of a pool beyond `vcpu` and `ram`. What is left out is as in the template. */
export const hardwareFields = {
  /** As many as `vcpu` where it is left out: one socket. */
  coresPerSocket: z.optional(z.int().check(z.gte(1))),
  /** In MHz. */
  cpu: z.optional(allocation),
  /** In MiB. */
  memory: z.optional(allocation),
  /** Size of the system disk in GiB: it can only grow. */
  disk: z.optional(gib),
  /** Further disks. */
  disks: z.optional(z.array(furtherDisk).check(z.maxLength(14, 'at most 14 further disks'))),
  provisioning: z.optional(provisioning),
  /** Clone only the difference to a snapshot of the template. */
  linkedClone: z.optional(z.boolean()),
  /** The snapshot to clone from, by name. */
  snapshot: z.optional(z.string().check(z.minLength(1))),
  /** The VM's notes. */
  annotation: z.optional(z.string().check(z.maxLength(4096))),
  /** Custom attributes that are defined in the vCenter, by name: a further request a node each. */
  customAttributes: z.optional(z.record(z.string().check(z.minLength(1), z.maxLength(80)), z.string())),
  tags: unsupported('tags are not supported: vCenter has them in another API. Use annotation, or leave the field out'),
};

interface Checked {
  vcpu: number;
  ram: number;
  coresPerSocket?: number;
  memory?: { reservation?: number };
  disk?: number;
  provisioning?: string;
  linkedClone?: boolean;
}

/** What is wrong with the hardware of a pool as a whole: the field and why. */
export function hardwareIssues(pool: Checked): [keyof Checked, string][] {
  const issues: [keyof Checked, string][] = [];
  if (pool.coresPerSocket && pool.vcpu % pool.coresPerSocket !== 0) {
    issues.push(['coresPerSocket', `vcpu (${pool.vcpu}) must be a multiple of it`]);
  }
  if ((pool.memory?.reservation ?? 0) > pool.ram) {
    issues.push(['memory', `a reservation of ${pool.memory?.reservation} MiB is more than ram (${pool.ram})`]);
  }
  if (pool.linkedClone && pool.disk !== undefined) {
    issues.push([
      'disk',
      'a linked clone shares the disk of its template, which can not grow: leave disk out, or linkedClone',
    ]);
  }
  if (pool.linkedClone && pool.provisioning !== undefined) {
    issues.push([
      'provisioning',
      "a linked clone's disks are as its template's: leave provisioning out, or linkedClone",
    ]);
  }
  return issues;
}
