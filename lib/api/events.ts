import * as z from 'zod';
import { parse } from '../parse.ts';
import { listEvents } from '../store/events.ts';
import { clusterOf } from './clusters.ts';

const query = z.object({
  after: z.ulid('the id of an event').optional(),
  limit: z.coerce.number('a number').int().min(1).max(200).default(100),
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
