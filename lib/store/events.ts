import { ulid } from 'ulid';
import { clusterPartition, EVENT, keys } from './keys.ts';
import { putItem, queryPage } from './table.ts';

/** Days for which the timeline is kept. */
const KEEP_DAYS = 90;
const MAX_PAGE = 200;

/** A line of a cluster's timeline. `id` is a ULID: it sorts by time. */
export interface Event {
  id: string;
  time: string;
  type: string;
  message: string;
  node?: string;
  phase?: string;
  execution?: string;
}

/** Appends to the timeline of a cluster. The message is for users: no secret is ever in it. */
export async function recordEvent(clusterId: number, event: Omit<Event, 'id' | 'time'>): Promise<void> {
  const id = ulid();
  const now = Date.now();
  await putItem(
    {
      ...keys.event(clusterId, id),
      id,
      time: new Date(now).toISOString(),
      ...event,
      ttl: Math.floor(now / 1000) + KEEP_DAYS * 86_400,
    },
    { condition: 'attribute_not_exists(pk)' },
  );
}

/** A page of the timeline, oldest first, after the event with the id `after`. `next` continues where there may be more. */
export async function listEvents(
  clusterId: number,
  after = '',
  limit = MAX_PAGE,
): Promise<{ events: Event[]; next?: string }> {
  const size = Math.min(limit, MAX_PAGE);
  const items = await queryPage<Event>(clusterPartition(clusterId), `${EVENT}${after}`, `${EVENT}~`, size);
  const events = items.map(({ id, time, type, message, node, phase, execution }) => ({
    id,
    time,
    type,
    message,
    node,
    phase,
    execution,
  }));
  return { events, next: items.length === size ? items.at(-1)?.id : undefined };
}
