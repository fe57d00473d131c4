export { guestinfo, renderMetadata } from './guestinfo.ts';
export { type ExternalEtcdDescription, type NodeDescription, quote, renderUserData } from './user-data.ts';
