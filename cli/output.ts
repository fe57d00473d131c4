/** Prints a result: JSON with `--output json`, else a table of these columns. */
export function print(rows: object | object[], columns: string[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  const lines = [
    columns.map((column) => column.toUpperCase()),
    ...[rows].flat().map((row) => columns.map((column) => cell(row, column))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  for (const line of lines)
    console.log(
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function cell(row: object, column: string): string {
  const value = (row as Record<string, unknown>)[column];
  return value === undefined || value === null || value === '' ? '-' : String(value);
}
