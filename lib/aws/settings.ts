import * as z from 'zod';

const oidcIssuer = z.strictObject({
  issuer: z.url(),
  audience: z.string().min(1),
  jwksUri: z.url().optional(),
  organizationClaim: z.string().optional(),
  roleClaim: z.string().optional(),
});

const schema = z.object({
  /** Identifies this installation in the marks of VMs: account, region and stage. */
  SLIPWAY_DEPLOYMENT: z.string().min(1),
  SLIPWAY_TABLE: z.string().min(1),
  SLIPWAY_KMS_KEY: z.string().min(1),
  /** Every secret's name begins with this. */
  SLIPWAY_SECRETS: z.string().min(1),
  /** Where users and nodes reach the API, without a trailing slash. */
  SLIPWAY_API_URL: z.url(),
  /** `arn:…:stateMachine:<service>-<stage>-`: a workflow's ARN is this and its name. */
  SLIPWAY_STATE_MACHINES: z.string().min(1),
  SLIPWAY_OIDC_ISSUERS: z
    .string()
    .default('[]')
    .transform((text) => z.array(oidcIssuer).parse(JSON.parse(text))),
  /** Seconds in which a node must have become ready. */
  SLIPWAY_NODE_SECONDS: z.coerce.number().int().min(1).default(3600),
});

/** What the functions are told by their environment, read once. */
export type Settings = z.infer<typeof schema>;

let cached: Settings | undefined;

/** @throws ZodError naming each variable that is missing or malformed */
export function settings(): Settings {
  cached ??= schema.parse(process.env);
  return cached;
}
