import * as z from 'zod/mini';
import { parse } from '../parse.ts';
import { listEvents } from '../store/events.ts';
import { clusterOf } from './clusters.ts';

const query = z.object({
  after: z.optional(z.ulid('the id of an event')),
  limit: z._default(z.coerce.number('a number').check(z.int(), z.gte(1), z.lte(200)), 100),
});

/** A page of a cluster's timeline, oldest first. @throws NotFound, InvalidSpec */
export async function pageEvents(
  organization: number,
  clusterId: number,
  parameters: Record<string, string | undefined>,
) {
  const { after, limit } = parse(query, parameters, 'query');
  await clusterOf(organization, clusterId);
  return await listEvents(clusterId, after, limit);
}
