import * as z from 'zod/mini';
import { packages } from '../cluster/packages.ts';

const oidcIssuer = z.strictObject({
  issuer: z.url(),
  audience: z.string().check(z.minLength(1)),
  jwksUri: z.optional(z.url()),
  organizationClaim: z.optional(z.string()),
  roleClaim: z.optional(z.string()),
});

const schema = z.object({
  /** Identifies this installation in the marks of VMs: account, region and stage. */
  SLIPWAY_DEPLOYMENT: z.string().check(z.minLength(1)),
  SLIPWAY_TABLE: z.string().check(z.minLength(1)),
  SLIPWAY_KMS_KEY: z.string().check(z.minLength(1)),
  /** Every secret's name begins with this. */
  SLIPWAY_SECRETS: z.string().check(z.minLength(1)),
  /** Where users and nodes reach the API, without a trailing slash. */
  SLIPWAY_API_URL: z.url(),
  /** `arn:…:stateMachine:<service>-<stage>-`: a workflow's ARN is this and its name. */
  SLIPWAY_STATE_MACHINES: z.string().check(z.minLength(1)),
  SLIPWAY_OIDC_ISSUERS: z.pipe(
    z._default(z.string(), '[]'),
    z.transform((text) => z.array(oidcIssuer).parse(JSON.parse(text))),
  ),
  /** Package repositories of the clusters that name none, as `packages` of a cluster has them. */
  SLIPWAY_PACKAGES: z.pipe(
    z._default(z.string(), ''),
    z.transform((text) => (text ? packages.parse(JSON.parse(text)) : undefined)),
  ),
  /** Where the manifests of add-ons are taken from, where a cluster says nothing else. Empty: from their public sources. */
  SLIPWAY_ADDON_MIRROR: z._default(z.union([z.literal(''), z.url({ protocol: /^https?$/ })]), ''),
  /** Seconds in which a node must have become ready. */
  SLIPWAY_NODE_SECONDS: z._default(z.coerce.number().check(z.int(), z.gte(1)), 3600),
});

/** What the functions are told by their environment, read once. */
export type Settings = z.infer<typeof schema>;

let cached: Settings | undefined;

/** @throws ZodError naming each variable that is missing or malformed */
export function settings(): Settings {
  cached ??= schema.parse(process.env);
  return cached;
}

/** The mirror of a cluster's add-ons: its own, or the deployment's. */
export function addonMirror({ addons }: { addons?: { mirror?: string } }): string | undefined {
  return addons?.mirror || settings().SLIPWAY_ADDON_MIRROR || undefined;
}
