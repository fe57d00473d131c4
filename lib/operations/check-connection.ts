import * as z from 'zod/mini';
import { readCertificate, readClock, readEntities, readSession, type VCenter } from '../vsphere/index.ts';
import { bounded } from './check-connection/bounded.ts';
import { type Defaults, defaults, resolveDefaults } from './check-connection/defaults.ts';
import { inspect } from './check-connection/inspect.ts';
import { failedBy, ok, type Row, row, skipped } from './check-connection/row.ts';
import { certificateRows, clockRow, versionRow } from './check-connection/server.ts';
import type { VCenterOperation } from './operation.ts';

const endpoint = z.object({ url: z.string(), fingerprint: z.optional(z.string()), ca: z.optional(z.string()) });
const input = z.object({ endpoint, defaults });
const output = z.object({
  /** Nothing failed. */
  ok: z.boolean(),
  checks: z.array(row),
});

/** Seconds for one call, and for all: the caller waits at most 29 s for its answer. */
const [EACH, ALL] = [8, 24];
/** Seconds for the bare TLS handshake. */
const HANDSHAKE = 5;

/**
 * Checks what an administrator needs before the first cluster: a row for each check. It goes on after one that failed, as far as
 * it can; a password is tried once, and not at all on a server that is not trusted. About 12 requests.
 */
export const checkConnection: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'check-connection',
  input,
  output,
  errors: [],
  async run({ vcenter }, { endpoint, defaults }) {
    const checks = await check(vcenter, endpoint, defaults);
    return { ok: checks.every(({ status }) => status !== 'failed'), checks };
  },
};

async function check(vcenter: VCenter, server: z.infer<typeof endpoint>, wanted: Defaults): Promise<Row[]> {
  const within = bounded(EACH, ALL);
  const rows: Row[] = [];
  const rest = skipped('everything else', 'not checked', 'Mend what failed, and check again.');

  try {
    const shown = await readCertificate(server, HANDSHAKE * 1000);
    rows.push(...certificateRows(shown, new Date()));
    if (!shown.trusted) return [...rows, rest];
  } catch (error) {
    return [failedBy('certificate', error), rest];
  }

  try {
    const { about } = await within('RetrieveServiceContent', vcenter.content());
    rows.push(versionRow(about));
  } catch (error) {
    return [...rows, failedBy('version', error), rest];
  }

  let session: string;
  try {
    const { key, user } = await within('Login', readSession(vcenter));
    session = key;
    rows.push(ok('sign-in', `as ${user}`));
  } catch (error) {
    return [...rows, signInRow(error), rest];
  }

  try {
    const asked = Date.now();
    const theirs = await within('CurrentTime', readClock(vcenter));
    rows.push(clockRow(theirs - (asked + Date.now()) / 2));
  } catch (error) {
    rows.push(failedBy('clock', error));
  }

  try {
    const entities = await within('the inventory', readEntities(vcenter));
    const resolved = resolveDefaults(entities, wanted);
    return [...rows, ...resolved.rows, ...(await inspect(vcenter, session, resolved.found, within))];
  } catch (error) {
    return [...rows, failedBy('inventory', error), rest];
  }
}

function signInRow(error: unknown): Row {
  const row = failedBy('sign-in', error);
  if ((error as { fault?: string }).fault !== 'InvalidLogin') return row;
  return {
    ...row,
    advice:
      "Sign in to the vSphere Client as this user, then set the connection's user (with its domain: name@domain) and password. It was tried once: too many tries lock the account.",
  };
}
