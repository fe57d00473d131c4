import { sessionEnded } from './errors.ts';
import type { VCenter } from './vcenter.ts';
import { list, type Ref, text, toRef, toXml, type Xml } from './xml.ts';

/** An object with those of the wanted properties that it has. */
export interface Properties {
  ref: Ref;
  values: Record<string, Xml>;
}

/** Most objects in one page of an answer. */
const PAGE = 1000;

function readObject(xml: Xml): Properties {
  // A session that has ended is no fault of this request: each object just lacks what was asked for.
  for (const { fault } of list(xml.missingSet)) {
    if (fault?.fault?.['@type'] === 'NotAuthenticated') throw sessionEnded('RetrievePropertiesEx');
  }
  const properties = list(xml.propSet).map((each) => [text(each.name), each.val]);
  return { ref: toRef(xml.obj), values: Object.fromEntries(properties) };
}

/** Retrieves what a PropertyFilterSpec selects, page by page. What the user may not read is left out. */
export async function retrieve(vcenter: VCenter, specSet: Xml): Promise<Properties[]> {
  return await vcenter.inSession(async () => {
    const { propertyCollector } = await vcenter.content();
    const options = { maxObjects: PAGE };
    let [page] = await vcenter.call('RetrievePropertiesEx', propertyCollector, { specSet, options });
    const objects = list(page?.objects).map(readObject);
    for (let token = text(page?.token); token; token = text(page?.token)) {
      [page] = await vcenter.call('ContinueRetrievePropertiesEx', propertyCollector, { token });
      objects.push(...list(page?.objects).map(readObject));
    }
    return objects;
  });
}

/** Reads properties of known objects of one type, in one request. @throws NotFound where one of them is gone */
export async function readProperties(
  vcenter: VCenter,
  refs: readonly Ref[],
  paths: readonly string[],
): Promise<Properties[]> {
  const [first] = refs;
  if (!first) return [];
  return await retrieve(vcenter, {
    propSet: { type: first.type, all: false, pathSet: paths },
    objectSet: refs.map((ref) => ({ obj: toXml(ref), skip: false })),
  });
}

/** Reads properties of every object of some types below the root folder, through one container view, page by page. */
export async function readInventory(vcenter: VCenter, types: Record<string, readonly string[]>): Promise<Properties[]> {
  return await vcenter.inSession(async () => {
    const { rootFolder, viewManager } = await vcenter.content();
    const [made] = await vcenter.call('CreateContainerView', viewManager, {
      container: toXml(rootFolder),
      type: Object.keys(types),
      recursive: true,
    });
    const view = toRef(made);
    try {
      return await retrieve(vcenter, {
        propSet: Object.entries(types).map(([type, pathSet]) => ({ type, all: false, pathSet })),
        objectSet: {
          obj: toXml(view),
          skip: true,
          selectSet: { '@xsi:type': 'TraversalSpec', name: 'view', type: 'ContainerView', path: 'view', skip: false },
        },
      });
    } finally {
      await vcenter.call('DestroyView', view).catch(() => undefined);
    }
  });
}
