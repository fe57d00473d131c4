import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const STATE_DIRECTORY = process.env.SLIPWAY_STATE ?? join(import.meta.dirname, '..', '.slipway');
const FILE = join(STATE_DIRECTORY, 'local.json');

/** The process that runs the embedded cloud; undefined where none does. */
export function runningPid(): number | undefined {
  if (!existsSync(FILE)) return undefined;
  const { pid } = JSON.parse(readFileSync(FILE, 'utf8'));
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

/** Tells the CLI and scripts where everything is. */
export function writeLocalJson(content: object): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ ...content, pid: process.pid }, null, 2)}\n`, { mode: 0o600 });
}

export function removeLocalJson(): void {
  rmSync(FILE, { force: true });
}
