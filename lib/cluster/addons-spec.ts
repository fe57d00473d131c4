import * as z from 'zod/mini';

/**
 * Where the manifests of add-ons are taken from instead of their public sources. A manifest's checksum is checked either way.
 * Every control-plane node asks it, and its log names it: it holds no credentials.
 */
const mirror = z
  .url({ protocol: /^https?$/, error: 'an http or https URL such as https://mirror.example.com/addons' })
  .check(z.regex(/^[^@?#]*$/, 'a URL without credentials, query and fragment'));

export const addons = z.optional(z.strictObject({ mirror: z.optional(mirror) }));
