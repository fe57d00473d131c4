import { settleWave } from '../../lib/steps/settle-wave.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(settleWave);
