import { registerStep } from '../../lib/steps/register-cluster.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(registerStep);
