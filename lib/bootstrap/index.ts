export { guestinfo, renderMetadata } from './guestinfo.ts';
export type { NodeNetwork } from './network.ts';
export type { PkeInstallation, PkeVsphere } from './pke.ts';
export { quote } from './quote.ts';
export { type ExternalEtcdDescription, type NodeDescription, renderUserData } from './user-data.ts';
