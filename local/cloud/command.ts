import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end. @returns its standard output @throws Error with the end of what it said */
export async function run(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { maxBuffer: 64 * 1024 * 1024, ...options });
    return stdout;
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: string | number; stdout?: string; stderr?: string };
    if (code === 'ENOENT') throw new Error(`${program} is not installed.`);
    throw new Error(
      `${program} ${args[0] ?? ''} failed: ${`${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n')}`,
    );
  }
}

/** Checks that a program is there and new enough. @throws Error in one clear line */
export async function requireVersion(program: string, args: string[], wanted: [number, number]): Promise<void> {
  const needs = `Slipway's embedded cloud needs ${program} ${wanted.join('.')} or newer`;
  const output = await run(program, args).catch(() => {
    throw new Error(`${needs}, and found none: install it, or put it on the PATH.`);
  });
  const [, major, minor] = /(\d+)\.(\d+)/.exec(output) ?? [];
  if (Number(major) > wanted[0] || (Number(major) === wanted[0] && Number(minor) >= wanted[1])) return;
  throw new Error(`${needs}, and found ${output.trim()}: install a newer one, or put it first on the PATH.`);
}
