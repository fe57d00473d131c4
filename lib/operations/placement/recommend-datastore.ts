import { list, type Ref, text, toXml, type VCenter, type Xml } from '../../vsphere/index.ts';

/** The object that recommends; the same on every vCenter. */
const STORAGE_RESOURCE_MANAGER: Ref = { type: 'StorageResourceManager', value: 'StorageResourceManager' };

/** A VM that a datastore is wanted for. */
export interface ToPlace {
  pod: Ref;
  template: Ref;
  snapshot?: Ref;
  folder: Ref;
  resourcePool: Ref;
  host?: Ref;
}

/**
 * Asks storage DRS for datastores of a datastore cluster to clone a template to (RecommendDatastores). What applies a
 * recommendation is the clone to its destination: ApplyStorageDrsRecommendation would make a clone of its own, by another name and
 * without our configuration.
 *
 * @returns ids of datastores, the best first; none where storage DRS has nothing to say
 */
export async function recommendDatastores(
  vcenter: VCenter,
  { pod, template, snapshot, folder, resourcePool, host }: ToPlace,
): Promise<string[]> {
  const [result] = await vcenter.call('RecommendDatastores', STORAGE_RESOURCE_MANAGER, {
    storageSpec: {
      type: 'clone',
      vm: toXml(template),
      podSelectionSpec: { storagePod: toXml(pod) },
      cloneSpec: {
        location: { pool: toXml(resourcePool), host: host && toXml(host) },
        template: false,
        powerOn: true,
        snapshot: snapshot && toXml(snapshot),
      },
      // Any name that is free: it is one question for many nodes.
      cloneName: `slipway-${crypto.randomUUID()}`,
      resourcePool: toXml(resourcePool),
      host: host && toXml(host),
      folder: toXml(folder),
    },
  });
  return readRecommendations(result);
}

/** Reads the destinations of a StoragePlacementResult. */
export function readRecommendations(result: Xml): string[] {
  return list(result?.recommendations).flatMap(({ action }) =>
    list(action)
      .filter(({ destination }) => destination)
      .map(({ destination }) => text(destination)),
  );
}
