import { createHash } from 'node:crypto';
import { mirrorPath, type NodeAddon, nodeFiles } from '../addons/index.ts';

/** The files that tell a control-plane node of its add-ons, by their paths. Their order is in the names of the directories. */
export function addonFiles(addons: readonly NodeAddon[]): [path: string, content: string][] {
  return addons.flatMap((addon, index) => {
    const directory = `/etc/slipway/addons/${String(index + 1).padStart(2, '0')}-${addon.addon.name}`;
    const files = Object.entries(nodeFiles(addon, mirrorPath));
    return files.map(([name, content]): [string, string] => [`${directory}/${name}`, content]);
  });
}

/** What all add-ons of a control-plane node are, as one checksum: as the node makes it of its files. */
export function addonsRevision(addons: readonly NodeAddon[]): string {
  const hash = createHash('sha256');
  for (const [, content] of addonFiles(addons).sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(content);
  return hash.digest('hex');
}
