import { markRunning } from '../../lib/steps/mark-running.ts';
import { step } from '../shared/step.ts';

export const handler = step(markRunning);
