import { Command, CommanderError } from 'commander';
import { CliError, EXIT } from './client.ts';
import { access } from './commands/access.ts';
import { clusters } from './commands/clusters.ts';
import { connections } from './commands/connections.ts';
import { sshKeys } from './commands/ssh-keys.ts';

const program = new Command('slipway')
  .description('Kubernetes clusters on VMware vSphere')
  .option('-o, --output <format>', 'table or json', 'table')
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed or refused, 2 usage, 3 not found, 4 conflict, 5 no access or no answer.',
  );
const json = () => program.opts().output === 'json';
connections(program, json);
sshKeys(program, json);
clusters(program, json);
access(program, json);
for (const command of program.commands) {
  command.exitOverride();
  for (const each of [command, ...command.commands])
    each
      .option('-o, --output <format>', 'table or json')
      .on('option:output', (format) => program.setOptionValue('output', format));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  } else if (error instanceof CliError) {
    console.error(`slipway: ${error.message}`);
    process.exitCode = error.exitCode;
  } else {
    throw error;
  }
}
