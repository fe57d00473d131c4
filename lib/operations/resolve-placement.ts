import * as z from 'zod/mini';
import {
  type Entity,
  findStoragePolicies,
  invalidSpec,
  list,
  type Ref,
  readEntities,
  readFacts,
  text,
  type Xml,
} from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { DATASTORE_PATHS } from './placement/datastore-facts.ts';
import { chooseDatastores } from './placement/datastores.ts';
import { checkGrows } from './placement/disks.ts';
import { type Located, locate, type WantedPlacement, wantedPlacement } from './placement/locate.ts';
import { NETWORK_PATHS, readNetwork } from './placement/network.ts';
import { type Placement, placements } from './placement/placement.ts';
import { findSnapshot, readDevices, type Template } from './placement/template.ts';

export type { Placement };

const input = z.object({ placements: z.array(wantedPlacement) });

const output = z.object({ placements });

/** What is read of the objects that were found, in one request. */
const PATHS = {
  VirtualMachine: ['config.hardware.device', 'snapshot'],
  Datastore: DATASTORE_PATHS,
  StoragePod: ['podStorageDrsEntry'],
  ComputeResource: ['network'],
  ClusterComputeResource: ['network'],
  ...NETWORK_PATHS,
};

/**
 * Resolves placements to references, with what a clone must know of them: four requests (more by a page of 1,000 objects each),
 * however many placements; one more a datastore cluster with storage DRS, and three where storage policies are named.
 */
export const resolvePlacement: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'resolve-placement',
  input,
  output,
  errors: [...VCENTER_ERRORS, 'NotFound', 'InvalidSpec', 'OutOfResources'],
  async run({ vcenter }, { placements: wanted }) {
    if (wanted.length === 0) return { placements: {} };
    const entities = await readEntities(vcenter);
    const located = wanted.map((each) => locate(entities, each));
    const read = await readFacts(vcenter, located.flatMap(toRead), PATHS);
    const values = new Map(read.map(({ ref, values }) => [ref.value, values]));
    const facts = (id: string): Record<string, Xml> => values.get(id) ?? {};
    const policies = await findStoragePolicies(vcenter, [
      ...new Set(wanted.flatMap(({ storagePolicy }) => storagePolicy ?? [])),
    ]);

    const resolved = located.map((each) => toPlacement(each, facts, policies));
    const datastores = await chooseDatastores(
      vcenter,
      located.map((each, index) => ({ ...each, source: resolved[index]?.template })),
      facts,
    );
    return {
      placements: Object.fromEntries(
        located.map(({ wanted }, index) => [wanted.key, { ...(resolved[index] as Placement), ...datastores[index] }]),
      ),
    };
  },
};

function toRead({ wanted, compute, datastore, members, networks, switches, template }: Located): Ref[] {
  const named = [datastore, ...members, ...networks, ...switches, template].flatMap((each) => each?.ref ?? []);
  return wanted.networks?.length ? [...named, compute.ref] : named;
}

function toPlacement(
  { wanted, folder, pool, compute, host, networks, template }: Located,
  facts: (id: string) => Record<string, Xml>,
  policies: Map<string, string>,
): Placement {
  const reachable = new Set(idsOf(facts(compute.ref.value).network));
  for (const { ref, path } of networks) {
    // NSX realizes opaque networks on hosts by itself: vCenter need not list them there yet.
    if (ref.type !== 'OpaqueNetwork' && !reachable.has(ref.value)) {
      throw invalidSpec(`network ${path} is on no host of ${compute.path}: connect one to it, or name another network`);
    }
  }
  return {
    folder: folder.ref,
    resourcePool: pool.ref,
    compute: compute.ref,
    host: host?.ref,
    networks: networks.map((each) => readNetwork(each, facts)),
    template: template && readTemplate(wanted, template, facts(template.ref.value)),
    storageProfile: wanted.storagePolicy && policies.get(wanted.storagePolicy),
  };
}

function readTemplate(
  { snapshot, diskGiB }: WantedPlacement,
  { ref, path }: Entity,
  values: Record<string, Xml>,
): Template {
  const found: Template = {
    ref,
    name: path,
    snapshot: snapshot ? findSnapshot(values.snapshot, snapshot === true ? undefined : snapshot, path) : undefined,
    ...readDevices(values['config.hardware.device']),
  };
  checkGrows(found, diskGiB);
  return found;
}

const idsOf = (refs: Xml): string[] => list(refs?.ManagedObjectReference).map(text);
