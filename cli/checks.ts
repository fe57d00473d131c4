/** One row of a connection's check, as the API tells it. */
export interface Check {
  check: string;
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  found: string;
  advice?: string;
}

/** The rows as a table: status, check, what was found, and below that what to do. */
export function checkTable(checks: readonly Check[]): string {
  const width = Math.max('CHECK'.length, ...checks.map(({ check }) => check.length));
  const line = (status: string, check: string, text: string) => `${status.padEnd(7)}  ${check.padEnd(width)}  ${text}`;
  const lines = checks.flatMap(({ check, status, found, advice }) => [
    line(status, check, found),
    ...(advice ? [line('', '', `→ ${advice}`)] : []),
  ]);
  return [line('STATUS', 'CHECK', 'FOUND, → WHAT TO DO'), ...lines].join('\n');
}
