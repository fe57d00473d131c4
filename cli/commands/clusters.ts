import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { CliError, Client, type ClusterView, EXIT } from '../client.ts';
import { print } from '../output.ts';
import { type EventView, eventsAfter, line, progress, watchCluster } from '../watch.ts';

const COLUMNS = ['id', 'name', 'status', 'version', 'statusMessage'];

function readDescription(file: string): { name?: string; nodepools?: unknown[] } {
  try {
    return parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`, EXIT.usage);
  }
}

/** The commands about clusters. */
export function clusters(program: Command, json: () => boolean): void {
  const done = (cluster: object) => print(cluster, COLUMNS.slice(0, 2), json());
  program
    .command('create')
    .description('create a cluster from a file')
    .requiredOption('-f, --file <file>', "YAML or JSON with the API's body; - for standard input")
    .option('--watch', 'show its progress until it runs', false)
    .addHelpText('after', '\nExample:\n  slipway create -f cluster.yaml --watch')
    .action(async ({ file, watch }) => {
      const client = new Client();
      const made = await client.call<ClusterView>('POST', '/clusters', readDescription(file));
      if (!watch) return done(made);
      await watchCluster(client, made.id, json() ? undefined : progress());
      if (json()) done(await client.cluster(String(made.id)));
    });
  program
    .command('apply')
    .description('create a cluster, or bring an existing one to the node pools of the file')
    .requiredOption('-f, --file <file>', 'YAML or JSON; - for standard input')
    .addHelpText('after', '\nExample:\n  slipway apply -f cluster.yaml')
    .action(async ({ file }) => {
      const client = new Client();
      const description = readDescription(file);
      const known = (await client.call<ClusterView[]>('GET', '/clusters')).find(
        ({ name }) => name === description.name,
      );
      if (!known) done(await client.call('POST', '/clusters', description));
      else done(await client.call('PUT', `/clusters/${known.id}`, { nodepools: description.nodepools }));
    });
  program
    .command('list')
    .description('list clusters')
    .action(async () => print(await new Client().call<ClusterView[]>('GET', '/clusters'), COLUMNS, json()));
  program
    .command('get CLUSTER')
    .description('show a cluster and its nodes')
    .action(async (name: string) => {
      const client = new Client();
      const cluster = await client.cluster(name);
      if (json()) return print(cluster, [], true);
      print(cluster, [...COLUMNS, 'endpoint', 'leader'], false);
      console.log('');
      print(
        await client.call<object[]>('GET', `/clusters/${cluster.id}/nodes`),
        ['name', 'pool', 'role', 'status', 'phase', 'ip'],
        false,
      );
    });
  program
    .command('watch CLUSTER')
    .description('show the progress of a cluster until it runs')
    .action(async (name: string) => {
      const client = new Client();
      const { id } = await client.cluster(name);
      await watchCluster(client, id, json() ? undefined : progress());
      if (json()) done(await client.cluster(name));
    });
  program
    .command('scale CLUSTER POOL SIZE')
    .description('change the size of a node pool')
    .addHelpText('after', '\nExample:\n  slipway scale demo workers 4')
    .action(async (name: string, pool: string, size: string) => {
      const client = new Client();
      const { id } = await client.cluster(name);
      done(await client.call('PUT', `/clusters/${id}/nodepools/${encodeURIComponent(pool)}`, { size: Number(size) }));
    });
  program
    .command('events CLUSTER')
    .description("show a cluster's timeline")
    .option('--follow', 'go on with what happens, until the cluster is gone', false)
    .action(async (name: string, { follow }) => {
      const client = new Client();
      const { id } = await client.cluster(name);
      const show = (events: EventView[]) => {
        for (const event of events) console.log(json() ? JSON.stringify(event) : line(event));
      };
      let events: EventView[] | undefined = await eventsAfter(client, id, '');
      if (!follow) return json() ? print(events, [], true) : show(events);
      for (let last = ''; events; events = await eventsIfThere(client, id, last)) {
        show(events);
        last = events.at(-1)?.id ?? last;
        await sleep(1000);
      }
      if (!json()) console.log(`${name} is deleted, and its timeline with it`);
    });
  program
    .command('delete CLUSTER')
    .description('delete a cluster with its VMs, keys and records')
    .option('--wait', 'wait until nothing is left', false)
    .action(async (name: string, { wait }) => {
      const client = new Client();
      const { id } = await client.cluster(name);
      done(await client.call('DELETE', `/clusters/${id}`));
      while (wait && (await isLeft(client, id))) await sleep(500);
    });
}

async function find(client: Client, id: number): Promise<ClusterView | undefined> {
  return (await client.call<ClusterView[]>('GET', '/clusters')).find((cluster) => cluster.id === id);
}

/** The events after one; undefined where the cluster is gone, and its timeline with it. */
async function eventsIfThere(client: Client, id: number, after: string): Promise<EventView[] | undefined> {
  try {
    return await eventsAfter(client, id, after);
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.notFound) return undefined;
    throw error;
  }
}

/** Whether a cluster that is being deleted is still there. @throws CliError where that failed */
async function isLeft(client: Client, id: number): Promise<boolean> {
  const left = await find(client, id);
  if (left?.status === 'ERROR') throw new CliError(left.statusMessage);
  return left !== undefined;
}
