import * as z from 'zod/mini';

/**
 * Where the manifests of add-ons are taken from instead of their public sources. A manifest's checksum is checked either way.
 * Every control-plane node asks it, and its log names it: it holds no credentials. The images that manifests name are pulled from
 * their public registries, or from what containerd on the image takes in their place: a mirror of manifests has none.
 */
const mirror = z
  .url({ protocol: /^https?$/, error: 'an http or https URL such as https://mirror.example.com/addons' })
  .check(z.regex(/^[^@?#]*$/, 'a URL without credentials, query and fragment'));

export const addons = z.optional(z.strictObject({ mirror: z.optional(mirror) }));

/** What of add-ons a cluster can not have that pke makes: it installs those that it knows by itself. */
export function addonIssues(spec: {
  distribution?: string;
  addons?: object;
  loadBalancerIPRange?: readonly string[];
  kubernetes: { network: { providerConfig?: object } };
}): [path: string[], message: string][] {
  if (spec.distribution !== 'pke') return [];
  const own = 'pke installs its own add-ons: leave the field out';
  const issues: [string[], string][] = [];
  if (spec.addons) issues.push([['addons'], own]);
  if (spec.kubernetes.network.providerConfig) issues.push([['kubernetes', 'network', 'providerConfig'], own]);
  if ((spec.loadBalancerIPRange?.length ?? 0) > 1) issues.push([['loadBalancerIPRange'], 'pke takes one range']);
  return issues;
}
