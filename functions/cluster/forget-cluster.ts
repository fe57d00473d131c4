import { forgetCluster } from '../../lib/steps/forget-cluster.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(forgetCluster);
