import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, Client, EXIT } from '../client.ts';
import { print } from '../output.ts';

interface Secret {
  id: string;
  name: string;
}

function readKeys(files: string[]): string[] {
  return files.flatMap((file) => {
    try {
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
    } catch (error) {
      throw new CliError(`${file}: ${(error as Error).message}`, EXIT.usage);
    }
  });
}

/** `slipway ssh-keys …` */
export function sshKeys(program: Command, json: () => boolean): void {
  const command = program.command('ssh-keys').description('who may sign in to the nodes');
  command
    .command('add NAME PUBLIC_KEY_FILE...')
    .description('register public keys, to be named as sshSecretName in a cluster')
    .option('--user <user>', 'user on the nodes', 'slipway')
    .addHelpText('after', '\nExample:\n  slipway ssh-keys add ops ~/.ssh/id_ed25519.pub')
    .action(async (name: string, files: string[], { user }) => {
      const values = { user, publicKeys: readKeys(files) };
      print(await new Client().call<object>('POST', '/secrets', { name, type: 'ssh', values }), ['id', 'name'], json());
    });
  command
    .command('list')
    .description('list them')
    .action(async () => {
      print(await new Client().call<Secret[]>('GET', '/secrets?type=ssh'), ['id', 'name', 'updatedAt'], json());
    });
  command
    .command('remove NAME')
    .description('forget keys that no cluster uses')
    .action(async (name: string) => {
      const client = new Client();
      const found = (await client.call<Secret[]>('GET', '/secrets?type=ssh')).find((each) => each.name === name);
      if (!found) throw new CliError(`There are no SSH keys '${name}'. See: slipway ssh-keys list`, EXIT.notFound);
      print(await client.call<object>('DELETE', `/secrets/${found.id}`), [], json());
    });
}
