import { markRunning } from '../../lib/steps/mark-running.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(markRunning);
