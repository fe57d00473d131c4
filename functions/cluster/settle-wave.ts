import { settleWave } from '../../lib/steps/settle-wave.ts';
import { step } from '../shared/step.ts';

export const handler = step(settleWave);
