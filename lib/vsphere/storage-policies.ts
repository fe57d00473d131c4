import { notFound } from './errors.ts';
import type { Service, VCenter } from './vcenter.ts';
import { type Ref, text } from './xml.ts';

/** The storage policy service (SPBM, "Storage Policy API reference"). */
const PBM: Service = { path: '/pbm', namespace: 'urn:pbm' };
const PBM_SERVICE_INSTANCE: Ref = { type: 'PbmServiceInstance', value: 'ServiceInstance' };

/**
 * Finds storage policies by name: three requests, however many names.
 * @returns their profile ids, by name
 * @throws NotFound with those that there are
 */
export async function findStoragePolicies(vcenter: VCenter, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const call = (method: string, self: Ref, args = {}) => vcenter.call(method, self, args, 0, PBM);
  const [content] = await call('PbmRetrieveServiceContent', PBM_SERVICE_INSTANCE);
  const manager: Ref = { type: 'PbmProfileProfileManager', value: text(content.profileManager) };
  const ids = await call('PbmQueryProfile', manager, {
    resourceType: { resourceType: 'STORAGE' },
    profileCategory: 'REQUIREMENT',
  });
  const profileIds = ids.map(({ uniqueId }) => ({ uniqueId: text(uniqueId) }));
  const profiles = profileIds.length > 0 ? await call('PbmRetrieveContent', manager, { profileIds }) : [];
  const byName = new Map(profiles.map((each) => [text(each.name), text(each.profileId.uniqueId)]));
  return new Map(
    names.map((name) => {
      const id = byName.get(name);
      if (id) return [name, id];
      const known = [...byName.keys()].slice(0, 10).map((each) => `'${each}'`);
      throw notFound(`storage policy '${name}' is not found. There are: ${known.join(', ') || 'none'}.`);
    }),
  );
}
