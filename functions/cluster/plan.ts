import { planStep } from '../../lib/steps/plan-step.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(planStep);
