import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, type Client } from './client.ts';

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

/** Prints a cluster's events as they come, until it is as wanted. @throws CliError where it is in ERROR */
export async function watchCluster(
  client: Client,
  id: number,
  show: (text: string) => void = console.log,
): Promise<void> {
  let last = '';
  for (;;) {
    const { status, statusMessage, name } = await client.cluster(String(id));
    for (const event of await eventsAfter(client, id, last)) {
      show(line(event));
      last = event.id;
    }
    if (status === 'ERROR') throw new CliError(`${name} is in ERROR: ${statusMessage}`);
    if (SETTLED.includes(status)) {
      show(`${name} is ${status}: ${statusMessage}`);
      return;
    }
    await sleep(500);
  }
}
