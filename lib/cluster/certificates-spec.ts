import * as z from 'zod/mini';

/** How the keys and authorities of a cluster are made. */
export const certificates = z.prefault(
  z.strictObject({
    /** Of each key that Slipway or kubeadm makes for the cluster. */
    algorithm: z._default(z.enum(['ecdsa-p256', 'rsa-2048', 'rsa-4096']), 'ecdsa-p256'),
    /** Of the authorities; what they sign is over sooner. */
    validityYears: z._default(z.int().check(z.gte(1), z.lte(30, 'from 1 to 30 years')), 10),
    /** Whether the root's key stays in the cluster's secret: else it is dropped once it has signed. */
    keepRootKey: z._default(z.boolean(), false),
  }),
  {},
);
export type CertificatesSpec = z.infer<typeof certificates>;
