import { FAULTS } from './faults.ts';
import type { Findings } from './findings.ts';
import type { Call, Lane, Rule } from './lane.ts';
import { leftOf, play, remove, SCENARIOS, type Scenario, type Subject } from './scenarios.ts';

/** One fault that meets one method once, in each of some scenarios. */
export interface Round {
  method: string;
  fault: string;
  scenarios: readonly Scenario[];
  size: Size;
  /** Which call of the method in a scenario meets the fault, from 1. */
  call: number;
  /** A fault that comes before: what is called only after one is reached so. */
  once?: { method: string; fault: string };
}

/** Workers of the cluster: what is removed in bulk is removed in another way. */
export const WORKERS = { small: 1, large: 8 };
export type Size = keyof typeof WORKERS;

/** How one case ended. `seen` are the methods that were called in it, each by one of its calls. */
export interface Case {
  scenario: Scenario;
  outcome: 'ok' | 'again' | 'n.a.' | 'FAILED';
  detail?: string;
  seen: Call[];
}

/** A round in a line of the table. */
export const nameOf = ({ method, fault, size, once }: Round) =>
  `${method} ${fault}${size === 'large' ? ' (bulk)' : ''}${once ? `, once ${once.method} ${once.fault}` : ''}`;

/** Methods that open a session. */
const OPENS_SESSION = new Set(['Login']);

/**
 * Takes one cluster through its life. In each of the round's scenarios the fault meets one call of the method; in the
 * others nothing fails. With no method nothing fails at all: that is how methods are found.
 */
export async function playRound(
  lane: Lane,
  round: Round | Pick<Round, 'size'>,
  findings: Findings,
  maxSessions: number,
): Promise<Case[]> {
  const { connection, cluster } = await lane.begin();
  const subject: Subject = { lane, connection, name: cluster, id: 0, workers: WORKERS[round.size] };
  const faulty = 'method' in round ? round : undefined;
  const cases: Case[] = [];
  let lostLogins = 0;
  const where = (scenario: Scenario) => `${faulty ? nameOf(faulty) : 'no fault'} in ${scenario}`;
  for (const scenario of SCENARIOS) {
    const rule = faulty?.scenarios.includes(scenario) ? FAULTS[faulty.fault] : undefined;
    await lane.forget();
    if (rule && faulty) await lane.arm(faulty.method, { ...rule, times: 1, skip: faulty.call - 1 });
    const before = rule && faulty?.once;
    if (before) await lane.arm(before.method, { ...(FAULTS[before.fault] as Rule), times: 1 });
    let outcome: Case['outcome'] = 'ok';
    let detail: string | undefined;
    try {
      const { again } = await play(scenario, subject);
      if (again) [outcome, detail] = ['again', again];
    } catch (error) {
      [outcome, detail] = ['FAILED', String(error)];
    }
    await lane.disarm();
    const trace = await lane.trace();
    const hit = trace.some(({ method, fault }) => fault && method === faulty?.method);
    // A session whose key was lost with its answer can be ended by nobody: vCenter ends it after half an hour.
    lostLogins += trace.filter(({ method, fault }) => fault?.startsWith('after') && OPENS_SESSION.has(method)).length;
    for (const twin of await lane.twins()) {
      findings.duplicates.push(`${where(scenario)}: ${twin}`);
      [outcome, detail] = ['FAILED', `duplicate: ${twin}`];
    }
    await lane.control('DELETE', '/twins');
    const sessions = await lane.sessions();
    let leaked: string | undefined;
    if (sessions > maxSessions + lostLogins) {
      findings.leaks.push(`${where(scenario)}: ${sessions} sessions`);
      leaked = `${sessions} sessions are open`;
      await lane.control('DELETE', '/sessions');
      lostLogins = 0;
    }
    if (faulty?.scenarios.includes(scenario) && !hit && outcome !== 'FAILED') outcome = 'n.a.';
    // A leak fails the case, but the cluster goes on: it is none of its business.
    const told = leaked
      ? { outcome: 'FAILED' as const, detail: [detail, leaked].filter(Boolean).join('; ') }
      : { outcome, detail };
    cases.push({ scenario, ...told, seen: firstCalls(trace) });
    if (outcome === 'FAILED' && subject.id === 0) break;
    if (outcome === 'FAILED' && scenario !== 'delete') {
      await remove(subject).catch(() => undefined);
      break;
    }
  }
  const last = cases.at(-1) as Case;
  const left = await leftOf(subject, subject.id);
  const name = where(last.scenario);
  const list = Object.values(left).flat();
  findings.orphans.push(...left.orphans.map((each) => `${name}: ${each}`));
  findings.secrets.push(...left.secrets.map((each) => `${name}: ${each}`));
  findings.records.push(...left.records.map((each) => `${name}: ${each}`));
  if (list.length > 0) {
    Object.assign(last, { outcome: 'FAILED', detail: `${last.detail ?? ''} left: ${list.join(', ')}`.trim() });
    await lane.control('DELETE', '/vms');
  }
  return cases;
}

/** One call of each method: one in a session where there is one. */
function firstCalls(trace: Call[]): Call[] {
  const byMethod = new Map<string, Call>();
  for (const call of trace) if (!byMethod.get(call.method)?.session) byMethod.set(call.method, call);
  return [...byMethod.values()];
}
