import * as z from 'zod/mini';
import { ref } from '../shapes.ts';
import { network } from './network.ts';
import { template } from './template.ts';

/** A placement resolved: what the clones of its nodes need. It travels in a workflow's state, so it holds no more. */
const placement = z.object({
  folder: ref,
  resourcePool: ref,
  /** The cluster, or the host by itself, that the pool belongs to. */
  compute: ref,
  /** Where a host was named. */
  host: z.optional(ref),
  /** A Datastore; without one the template's own. */
  datastore: z.optional(ref),
  /** Of a datastore cluster: the nodes that go to each member. */
  spread: z.optional(z.array(z.object({ datastore: ref, nodes: z.array(z.int()) }))),
  networks: z.array(network),
  template: z.optional(template),
  /** The id of the storage policy. */
  storageProfile: z.optional(z.string()),
});
export type Placement = z.infer<typeof placement>;

/** Placements by their keys. */
export const placements = z.record(z.string(), placement);
export type Placements = z.infer<typeof placements>;
