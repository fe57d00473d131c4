import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError, EXIT } from './client.ts';

/**
 * Reads a password where no other program can see it: from standard input, from SLIPWAY_VCENTER_PASSWORD, or asked for at the
 * terminal without showing it.
 * @throws CliError where there is none
 */
export async function readPassword(fromStdin: boolean): Promise<string> {
  const text = fromStdin ? readFileSync(0, 'utf8').trimEnd() : process.env.SLIPWAY_VCENTER_PASSWORD;
  const password = text || (process.stdin.isTTY && !fromStdin ? await ask('Password: ') : '');
  if (!password) {
    throw new CliError('Give the password by --password-stdin, or in SLIPWAY_VCENTER_PASSWORD.', EXIT.usage);
  }
  return password;
}

async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_, __, done) => done() });
  process.stderr.write(question);
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
