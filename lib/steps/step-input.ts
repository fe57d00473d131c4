import * as z from 'zod/mini';
import { id } from '../parse.ts';

/** What every step of a running workflow is told: the cluster, and the execution that holds its lock. */
export const onCluster = z.object({ clusterId: id, owner: z.string().check(z.minLength(1)) });
/** A step of a wave. */
export const onWave = z.extend(onCluster, { wave: z.string().check(z.minLength(1)) });
