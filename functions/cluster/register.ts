import { registerStep } from '../../lib/steps/register-cluster.ts';
import { step } from '../shared/step.ts';

export const handler = step(registerStep);
