import { applies, FAULTS } from './faults.ts';
import type { Findings } from './findings.ts';
import type { Call, Lane } from './lane.ts';
import { type Case, nameOf, playRound, type Round, type Size } from './round.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** Parts of the matrix to run; all where nothing is said. */
export interface Part {
  scenario?: string;
  method?: string;
  fault?: string;
  /** Which call of a method meets the fault, from 1. */
  call: number;
}

/** The outcome of each case, by `method fault`, then by scenario. */
export type Table = Map<string, Partial<Record<Scenario, Case>>>;

/**
 * Runs the matrix. The methods of a scenario are those that were called in it in a round without a fault. What is called
 * only after a fault, such as the search for a VM whose clone got no answer, is met once that fault has come before.
 */
export async function runMatrix(
  lanes: Lane[],
  part: Part,
  maxSessions: number,
  findings: Findings,
  told: (round: Round, cases: Case[]) => void,
): Promise<Table> {
  const table: Table = new Map();
  const queue: Round[] = [];
  const planned = new Set<string>();

  const learn = (cases: Case[], size: Size, once?: Round['once']) => {
    const fresh = new Map<string, { first: Call; scenarios: Scenario[] }>();
    for (const { scenario, seen } of cases) {
      if (part.scenario && part.scenario !== scenario) continue;
      for (const call of seen) {
        const { method } = call;
        if (part.method && part.method !== method) continue;
        if (planned.has(`${method} ${scenario}`)) continue;
        planned.add(`${method} ${scenario}`);
        const scenarios = fresh.get(method)?.scenarios ?? [];
        fresh.set(method, { first: call, scenarios: [...scenarios, scenario] });
      }
    }
    for (const [method, { first, scenarios }] of fresh) {
      for (const fault of Object.keys(FAULTS)) {
        if (applies(fault, first) && (!part.fault || part.fault === fault))
          queue.push({ method, fault, scenarios, size, call: part.call, once });
      }
    }
  };

  // What is called for a small cluster already is not tried again on a large one.
  const lane = lanes[0] as Lane;
  for (const size of ['small', 'large'] as const) {
    const cases = await playRound(lane, { size }, findings, maxSessions);
    const bad = cases.find(({ outcome }) => outcome !== 'ok');
    if (bad) throw new Error(`without any fault, ${bad.scenario} ends: ${bad.outcome} ${bad.detail}`);
    learn(cases, size);
  }
  if (queue.length === 0) throw new Error(`no case fits ${JSON.stringify(part)}: seen were ${[...planned].join(', ')}`);
  // Long ones first, so that no lane is alone with one at the end.
  queue.sort((a, b) => Number(b.fault === 'hang') - Number(a.fault === 'hang'));

  let running = 0;
  const worker = async (lane: Lane) => {
    for (;;) {
      const round = queue.shift();
      if (!round) {
        // What others find may be more to do.
        if (running === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 200));
        continue;
      }
      running++;
      const cases = await playRound(lane, round, findings, maxSessions);
      running--;
      const row = table.get(nameOf(round)) ?? {};
      for (const each of cases)
        if (round.scenarios.includes(each.scenario) || each.outcome === 'FAILED') row[each.scenario] = each;
      table.set(nameOf(round), row);
      // One fault before another is enough; and it should be a short one.
      if (!round.once && !['hang', 'kill'].includes(round.fault)) learn(cases, round.size, round);
      told(round, cases);
    }
  };
  await Promise.all(lanes.map(worker));
  return table;
}

/** The cases in which a fault met a call. */
export function metCases(table: Table): Case[] {
  return [...table.values()].flatMap((row) => Object.values(row)).filter(({ outcome }) => outcome !== 'n.a.');
}

/** The table as text: a row a method and fault, a column a scenario. */
export function printTable(table: Table): string {
  const rows = [...table]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, row]) => [name, ...SCENARIOS.map((scenario) => row[scenario]?.outcome ?? '-')]);
  const all = [['method and fault', ...SCENARIOS], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
