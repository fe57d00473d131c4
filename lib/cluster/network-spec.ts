import * as z from 'zod/mini';

const cidr = z.cidrv4('an IPv4 range such as 10.96.0.0/12');

/** How the packets of pods travel between nodes, by network provider. `none`: as they are, where nodes share a network. */
const ENCAPSULATIONS: Record<string, readonly string[]> = {
  calico: ['vxlan', 'ipip', 'none'],
  cilium: ['vxlan', 'geneve', 'none'],
};

/** What is acted on of a network provider's many settings; without a field, as its manifest has it. */
const providerConfig = z.strictObject({
  encapsulation: z.optional(z.enum(['vxlan', 'ipip', 'geneve', 'none'])),
  /** Bytes of the largest packet of a pod; found out by the provider itself where it is left out. */
  mtu: z.optional(z.int().check(z.gte(576), z.lte(9216))),
});
export type ProviderConfig = z.infer<typeof providerConfig>;

/** The networks of a cluster: addresses of services and pods, and the add-on that connects pods. */
export const network = z.prefault(
  z
    .strictObject({
      serviceCIDR: z._default(cidr, '10.96.0.0/12'),
      podCIDR: z._default(cidr, '10.244.0.0/16'),
      provider: z._default(z.enum(['calico', 'cilium', 'none'], 'calico, cilium or none'), 'calico'),
      providerConfig: z.optional(providerConfig),
    })
    .check(
      z.superRefine(({ provider, providerConfig: config }, context) => {
        if (!config) return;
        const path = ['providerConfig', 'encapsulation'];
        const known = ENCAPSULATIONS[provider];
        if (!known) {
          context.addIssue({ code: 'custom', path: ['providerConfig'], message: `provider ${provider} has none` });
        } else if (config.encapsulation && !known.includes(config.encapsulation)) {
          context.addIssue({ code: 'custom', path, message: `${provider} knows ${known.join(', ')}` });
        }
      }),
    ),
  {},
);
