import { planStep } from '../../lib/steps/plan-step.ts';
import { step } from '../shared/step.ts';

export const handler = step(planStep);
