/** A module of node-forge, alone: it has the types of the whole. */
declare module 'node-forge/lib/asn1.js' {
  export { default } from 'node-forge';
}
