import { chmodSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { Client } from '../client.ts';
import { print } from '../output.ts';

const role = () =>
  new Option('--role <role>', 'no more than this role, though the token has it').choices([
    'viewer',
    'operator',
    'admin',
  ]);

const queryOf = (parameters: Record<string, string | undefined>) =>
  new URLSearchParams(Object.entries(parameters).filter((each): each is [string, string] => each[1] !== undefined));

/** The commands that give access to a cluster. */
export function access(program: Command, json: () => boolean): void {
  program
    .command('kubeconfig CLUSTER')
    .description('issue a kubeconfig')
    .addOption(
      new Option('--form <form>', 'a certificate that expires, or a program that is asked at each use')
        .choices(['certificate', 'exec', 'oidc'])
        .default('certificate'),
    )
    .addOption(role())
    .option('--to <file>', 'write it to a file with mode 0600')
    .addHelpText(
      'after',
      '\nExamples:\n  slipway kubeconfig demo --to ~/.kube/demo\n  slipway kubeconfig demo --form exec --role viewer',
    )
    .action(async (name: string, { to, form, role }) => {
      const client = new Client();
      const { id } = await client.cluster(name);
      const answer = await client.call<{ config: string; expiresAt: string | null }>(
        'GET',
        `/clusters/${id}/config?${queryOf({ form, role })}`,
      );
      const text = Buffer.from(answer.config, 'base64').toString();
      if (!to) return console.log(json() ? JSON.stringify(answer, null, 2) : text);
      writeFileSync(to, text, { mode: 0o600 });
      chmodSync(to, 0o600);
      print({ file: to, expiresAt: answer.expiresAt }, ['file', 'expiresAt'], json());
    });
  program
    .command('credential CLUSTER')
    .description('print a credential for minutes, as kubectl asks for it where a kubeconfig has the form exec')
    .addOption(role())
    .action(async (name: string, { role }) => {
      const client = new Client();
      // kubectl asks often, by the id: that is one call.
      const id = /^\d+$/.test(name) ? name : (await client.cluster(name)).id;
      console.log(JSON.stringify(await client.call('GET', `/clusters/${id}/credential?${queryOf({ role })}`)));
    });
}
