import { forgetCluster } from '../../lib/steps/forget-cluster.ts';
import { step } from '../shared/step.ts';

export const handler = step(forgetCluster);
