import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, type Client, type ClusterView } from './client.ts';

/** An event as the API tells of it. */
export interface EventView {
  id: string;
  time: string;
  type: string;
  message: string;
}

export const line = ({ time, type, message }: EventView) => `${time.slice(11, 19)}  ${type.padEnd(24)}${message}`;

/** Every event of a cluster after one, oldest first. */
export async function eventsAfter(client: Client, id: number, after: string): Promise<EventView[]> {
  const all: EventView[] = [];
  for (let next: string | undefined = after; next !== undefined; ) {
    const page: { events: EventView[]; next?: string } = await client.call(
      'GET',
      `/clusters/${id}/events?limit=200${next && `&after=${next}`}`,
    );
    all.push(...page.events);
    next = page.next;
  }
  return all;
}

const SETTLED = ['RUNNING', 'ERROR', 'WARNING'];

/** What there is to show of a cluster's progress. */
export interface Progress {
  event(text: string): void;
  /** How far it is, told again and again. */
  state(text: string): void;
}

/** Shows events as lines and, on a terminal, the state of the node pools below them, redrawn in place. */
export function progress(): Progress {
  const terminal = process.stdout.isTTY;
  const clear = terminal ? '\r\x1b[K' : '';
  return {
    event: (text) => process.stdout.write(`${clear}${text}\n`),
    state: (text) => {
      if (terminal) process.stdout.write(`${clear}${text.slice(0, process.stdout.columns - 1)}`);
    },
  };
}

const pools = ({ nodepools = [] }: ClusterView) =>
  nodepools.map(({ name, ready, size }) => `${name} ${ready}/${size}`).join('  ');

/** Shows a cluster's events as they come, until it is as wanted. @throws CliError where it is in ERROR */
export async function watchCluster(client: Client, id: number, show?: Progress): Promise<void> {
  let last = '';
  for (;;) {
    const cluster = await client.cluster(String(id));
    const { status, statusMessage, name } = cluster;
    for (const event of await eventsAfter(client, id, last)) {
      show?.event(line(event));
      last = event.id;
    }
    if (status === 'ERROR') throw new CliError(`${name} is in ERROR: ${statusMessage}`);
    if (SETTLED.includes(status)) {
      show?.event(`${name} is ${status}: ${statusMessage}`);
      return;
    }
    show?.state(`${status}  ${pools(cluster)}`);
    await sleep(500);
  }
}
