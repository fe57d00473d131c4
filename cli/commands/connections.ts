import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type Check, checkTable } from '../checks.ts';
import { CliError, Client, EXIT } from '../client.ts';
import { print } from '../output.ts';
import { readPassword } from '../password.ts';

interface Secret {
  id: string;
  name: string;
  type: string;
}

async function find(client: Client, name: string): Promise<Secret> {
  const secrets = await client.call<Secret[]>('GET', '/secrets?type=vsphere');
  const found = secrets.find((secret) => secret.name === name || secret.id === name);
  if (!found) throw new CliError(`There is no connection '${name}'. See: slipway connections list`, EXIT.notFound);
  return found;
}

/** `slipway connections …` */
export function connections(program: Command, json: () => boolean): void {
  const command = program.command('connections').description('vCenters that clusters are launched on');
  command
    .command('add NAME')
    .description('register a vCenter')
    .requiredOption('--url <url>', 'https://vcenter.example.com')
    .requiredOption('--user <user>')
    .option('--password-stdin', 'read the password from standard input; else it is asked for', false)
    .option('--fingerprint <hex>', 'SHA-1 or SHA-256 fingerprint of its certificate')
    .option('--ca <file>', 'PEM file of the authority that signed its certificate')
    .option('--datacenter <name>')
    .option('--folder <name>')
    .option('--resource-pool <name>', 'resource pool, cluster or host')
    .option('--datastore <name>', 'datastore or datastore cluster')
    .option('--network <name...>', 'networks of the NICs, in their order')
    .option('--storage-policy <name>')
    .option('--template <name>', 'template of nodes')
    .option('--max-sessions <n>', 'most sessions at once (8)', Number)
    .option('--max-clones <n>', 'most clones at once, of all clusters together (8)', Number)
    .option('--max-nodes <n>', 'most nodes of a cluster', Number)
    .addHelpText(
      'after',
      '\nExample:\n  slipway connections add lab --url https://vc.lab --user slipway@vsphere.local --password-stdin < password',
    )
    .action(async (name: string, options) => {
      const values = {
        url: options.url,
        user: options.user,
        password: await readPassword(options.passwordStdin),
        fingerprint: options.fingerprint,
        ca: options.ca && readFileSync(options.ca, 'utf8'),
        datacenter: options.datacenter,
        folder: options.folder,
        resourcePool: options.resourcePool,
        datastore: options.datastore,
        networks: options.network,
        storagePolicy: options.storagePolicy,
        defaultNodeTemplate: options.template,
        maxSessions: options.maxSessions,
        maxConcurrentClones: options.maxClones,
        maxNodes: options.maxNodes,
      };
      print(
        await new Client().call<object>('POST', '/secrets', { name, type: 'vsphere', values }),
        ['id', 'name'],
        json(),
      );
    });
  command
    .command('list')
    .description('list them')
    .action(async () => {
      print(
        await new Client().call<Secret[]>('GET', '/secrets?type=vsphere'),
        ['id', 'name', 'version', 'updatedAt'],
        json(),
      );
    });
  command
    .command('check NAME')
    .description('check what the first cluster needs: sign-in, defaults, privileges, template, space')
    .addHelpText('after', '\nExit code 1 where a check failed; 0 with warnings.')
    .action(async (name: string) => {
      const client = new Client();
      const { id } = await find(client, name);
      const result = await client.call<{ ok: boolean; checks: Check[] }>('POST', `/secrets/${id}/check`);
      if (json()) print(result, [], true);
      else console.log(checkTable(result.checks));
      if (!result.ok) process.exitCode = EXIT.failed;
    });
  command
    .command('remove NAME')
    .description('forget one that no cluster uses')
    .action(async (name: string) => {
      const client = new Client();
      const { id } = await find(client, name);
      print(await client.call<object>('DELETE', `/secrets/${id}`), [], json());
    });
}
