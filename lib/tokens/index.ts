export { createSigningKey, issueNodeToken, type NodeClaims, type SigningKey, verifyNodeToken } from './node-token.ts';
export { type UserClaims, verifyUserToken } from './user-token.ts';
