import * as z from 'zod';
import { id } from '../parse.ts';

/** What every step of a running workflow is told: the cluster, and the execution that holds its lock. */
export const onCluster = z.object({ clusterId: id, owner: z.string().min(1) });
/** A step of a wave. */
export const onWave = onCluster.extend({ wave: z.string().min(1) });
