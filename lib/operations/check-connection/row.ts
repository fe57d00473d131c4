import * as z from 'zod/mini';

/** One thing that was checked. */
export const row = z.object({
  check: z.string(),
  /** A warning does not hinder a cluster. */
  status: z.enum(['ok', 'warning', 'failed', 'skipped']),
  found: z.string(),
  /** What to do, where it is not ok. */
  advice: z.optional(z.string()),
  /** Of a check of privileges: what is needed on the object, and what of it the user lacks. */
  privileges: z.optional(z.object({ needed: z.array(z.string()), missing: z.array(z.string()) })),
});
export type Row = z.infer<typeof row>;

export const ok = (check: string, found: string): Row => ({ check, status: 'ok', found });
export const warning = (check: string, found: string, advice: string): Row => ({
  check,
  status: 'warning',
  found,
  advice,
});
export const failed = (check: string, found: string, advice: string): Row => ({
  check,
  status: 'failed',
  found,
  advice,
});
export const skipped = (check: string, found: string, advice: string): Row => ({
  check,
  status: 'skipped',
  found,
  advice,
});

const ADVICE: Record<string, string> = {
  VCenterUnreachable:
    'Let the network of the functions (VPC, security group, VPN) through to TCP 443 of the vCenter, and have it resolve its name.',
  VCenterUntrusted: "Set the connection's fingerprint, or its authority (ca).",
  VCenterBusy: 'Check again in a minute.',
  NotAuthorized: 'Give the user the roles of docs/vcenter-role.md.',
  NotFound: "Write the connection's default as one of these.",
  InvalidSpec: "Write the connection's default as the message says.",
};

/** The row of a check that ended with an error. */
export const failedBy = (check: string, error: unknown): Row => {
  const { name, message } = error as Error;
  return failed(check, message, ADVICE[name] ?? 'Check again; if it stays, see the log of the function check-secret.');
};
