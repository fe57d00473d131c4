import { randomUUID } from 'node:crypto';
import { type ConnectionValues, connectionValues } from '../api/secret-values.ts';
import { settings } from '../aws/settings.ts';
import { log } from '../log.ts';
import type { VCenterOperation } from '../operations/operation.ts';
import { readSecretValues } from '../store/secrets.ts';
import { borrowSession, keepSession, returnSession, type Session } from '../store/sessions.ts';
import { endSessions, VCenter } from '../vsphere/index.ts';
import { seal, unseal } from './seal.ts';

/** Where operations are run: a connection of an organization. */
export interface ConnectionKey {
  organization: number;
  connectionId: string;
}

/** A connection that is open: its values, and its operations. */
export interface Connected {
  values: ConnectionValues;
  /** Runs an operation. Input and output are parsed by its schemas. */
  run<I, O>(operation: VCenterOperation<I, O>, input: I): Promise<O>;
}

/** Seconds for which a free session is waited for. */
const PATIENCE_SECONDS = 100;
/** Milliseconds after which the lease of a borrowed session is renewed. */
const RENEW_MS = 20_000;

/** The client of each connection that this function used: TCP connections and what the vCenter said of itself are kept. */
const clients = new Map<string, { key: string; vcenter: VCenter }>();

function clientOf(connectionId: string, values: ConnectionValues): VCenter {
  const key = JSON.stringify(values);
  const kept = clients.get(connectionId);
  if (kept?.key === key) return kept.vcenter;
  const vcenter = VCenter.connect(values);
  clients.set(connectionId, { key, vcenter });
  return vcenter;
}

/**
 * Opens a connection for as long as `use` takes, directly: this function reaches the vCenter. The session is borrowed from
 * those that all functions share, so that a connection never has more than its `maxSessions`.
 * @param patienceSeconds for which a free session is waited for
 * @throws VCenterBusy where all sessions are in use
 */
export async function withConnection<T>(
  { organization, connectionId }: ConnectionKey,
  use: (connected: Connected) => Promise<T>,
  patienceSeconds = PATIENCE_SECONDS,
): Promise<T> {
  // Values that were kept before a field existed have its default.
  const values = connectionValues.parse(await readSecretValues(organization, connectionId));
  const vcenter = clientOf(connectionId, values);
  const session = await borrowSession(connectionId, randomUUID(), values.maxSessions, patienceSeconds);
  const secret = `${values.url}\n${values.user}\n${values.password}`;
  const userAgent = `slipway/${settings().SLIPWAY_DEPLOYMENT}/${connectionId}/${session.slot}`;
  vcenter.resume({
    userAgent,
    cookie: session.sealed && unseal(session.sealed, secret, connectionId),
    async signedIn(cookie) {
      session.sealed = seal(cookie, secret, connectionId);
      await keepSession(session);
    },
  });
  const renewal = setInterval(() => void renew(session), RENEW_MS);
  try {
    // Who was killed, or got no answer, may have signed in without telling: that session is nobody's.
    if (session.abandoned) await endSessions(vcenter, userAgent);
    return await use({
      values,
      run: async (operation, input) =>
        operation.output.parse(await operation.run({ vcenter }, operation.input.parse(input))),
    });
  } finally {
    clearInterval(renewal);
    await returnSession(session, vcenter.doubtful);
  }
}

async function renew(session: Session): Promise<void> {
  await keepSession(session).catch((error) => log.warn('the lease of a session was not renewed', error as Error));
}

/** Runs one vCenter operation. */
export async function onVCenter<I, O>(
  connection: ConnectionKey,
  operation: VCenterOperation<I, O>,
  input: (values: ConnectionValues) => I | Promise<I>,
  patienceSeconds = PATIENCE_SECONDS,
): Promise<O> {
  return await withConnection(
    connection,
    async ({ values, run }) => await run(operation, await input(values)),
    patienceSeconds,
  );
}
