/** A module of node-forge, alone. */
declare module 'node-forge/lib/asn1.js' {
  import forge from 'node-forge';

  const asn1: typeof forge.asn1;
  export default asn1;
}
