/**
 * Kubernetes without add-ons, for clusters whose guests are stand-ins: nothing of theirs would run, and their manifests lie on
 * servers of others.
 */
export const PLAIN_KUBERNETES = { network: { provider: 'none' }, cloudProvider: 'none' };
