export { guestinfo, renderMetadata } from './guestinfo.ts';
export { type NodeDescription, quote, renderUserData } from './user-data.ts';
