import { checkScale } from '../../lib/steps/check-scale.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(async () => await checkScale());
