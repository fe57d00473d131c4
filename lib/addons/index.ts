export { mirrorPath } from './catalogue.ts';
export { type NodeAddon, nodeFiles } from './node-addon.ts';
export { needsMirror, wantedAddons } from './wanted.ts';
