import { invalidSpec, type Ref, toRef, toXml, type VCenter, type Xml } from '../vsphere/index.ts';
import type { Placement } from './resolve-placement.ts';

/** The object that recommends; the same on every vCenter. */
const STORAGE_RESOURCE_MANAGER: Ref = { type: 'StorageResourceManager', value: 'StorageResourceManager' };

/** Asks storage DRS for a datastore of a datastore cluster to clone to (RecommendDatastores). @throws InvalidSpec */
export async function recommendDatastore(
  vcenter: VCenter,
  pod: Ref,
  placement: Placement,
  template: Ref,
  cloneName: string,
  cloneSpec: Xml,
): Promise<Ref> {
  const [result] = await vcenter.call('RecommendDatastores', STORAGE_RESOURCE_MANAGER, {
    storageSpec: {
      type: 'clone',
      vm: toXml(template),
      podSelectionSpec: { storagePod: toXml(pod) },
      cloneSpec: { location: cloneSpec.location, template: false, powerOn: true },
      cloneName,
      resourcePool: toXml(placement.resourcePool),
      folder: toXml(placement.folder),
    },
  });
  const first = Array.isArray(result?.recommendations) ? result.recommendations[0] : result?.recommendations;
  const action = Array.isArray(first?.action) ? first.action[0] : first?.action;
  if (!action?.destination) {
    throw invalidSpec(
      'storage DRS recommends no datastore of the datastore cluster: name a datastore, or give the cluster room',
    );
  }
  return toRef(action.destination);
}
