export { mirrorPath } from './catalogue.ts';
export { type NodeAddon, nodeFiles } from './node-addon.ts';
export { wantedAddons } from './wanted.ts';
