export { mirrorPath } from './catalogue.ts';
export { type NodeAddon, nodeFiles } from './node-addon.ts';
export { CSI_NAMESPACE, STORAGE_CLASS, type VSphereServer, vsphereObjects } from './vsphere-objects.ts';
export { needsMirror, wantedAddons } from './wanted.ts';
