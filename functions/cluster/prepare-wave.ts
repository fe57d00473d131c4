import { prepareWave } from '../../lib/steps/prepare-wave.ts';
import { step } from '../shared/step.ts';

export const handler = step(prepareWave);
