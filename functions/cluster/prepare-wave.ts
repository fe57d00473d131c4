import { prepareWave } from '../../lib/steps/prepare-wave.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(prepareWave);
