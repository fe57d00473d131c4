/** How an add-on is, as a control-plane node told of it last. Times are ISO 8601 in UTC. */
export interface AddonState {
  status: 'applied' | 'failed';
  /** Why it failed. */
  message: string;
  node: string;
  at: string;
}
export type AddonStates = Readonly<Record<string, AddonState>>;

const PHASE = /^addon-([a-z0-9-]{1,40})$/;
/** Most of a reason that a cluster's message tells. */
const TOLD = 400;

/** The add-on that a phase is about; undefined where it is about none. */
export function addonOfPhase(phase: string): string | undefined {
  return PHASE.exec(phase)?.[1];
}

/** What a user should know and do about add-ons that failed; undefined where none did. */
export function addonConcern(addons: AddonStates | undefined): string | undefined {
  const failed = Object.entries(addons ?? {})
    .filter(([, { status }]) => status === 'failed')
    .sort(([a], [b]) => a.localeCompare(b));
  if (failed.length === 0) return undefined;
  const told = failed.map(
    ([name, { message, node }]) =>
      `Add-on ${name} is not applied (phase addon-${name} on ${node}): ${message.slice(0, TOLD)}.`,
  );
  return `${told.join(' ')} It is tried again by itself every two minutes, for two days: mend the cause, as by a mirror that the control-plane nodes reach.`;
}
