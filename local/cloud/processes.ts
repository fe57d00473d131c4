import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A child process that ends with us: by its standard input if we die, by `stop` otherwise. */
export interface Managed {
  child: ChildProcess;
  log: string;
  stop(): Promise<void>;
}

/** Milliseconds that a process has to end by itself. */
const PATIENCE = 5000;

/** Starts a program in a process group of its own. What it says on standard error goes to a file. */
export function manage(
  program: string,
  args: string[],
  { log, env }: { log: string; env?: NodeJS.ProcessEnv },
): Managed {
  const file = openSync(log, 'a', 0o600);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', file], detached: true, env: env ?? process.env });
  closeSync(file);
  child.on('error', () => undefined);
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid) process.kill(-child.pid, name);
    } catch {
      // It is gone already.
    }
  };
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.stdin?.end();
      child.kill('SIGTERM');
      await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())]);
    }
    signal('SIGKILL');
  };
  return { child, log, stop };
}

/** The first line that a process prints. @throws Error with the end of its log where it ends before */
export async function firstLine({ child, log }: Managed): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${child.spawnfile} ended: ${tail(log)}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  lines.close();
  child.stdout?.resume();
  return line;
}

/** The end of a log file. */
export function tail(log: string): string {
  return readFileSync(log, 'utf8').trim().split('\n').slice(-8).join('\n');
}
