import { checkScale } from '../../lib/steps/check-scale.ts';
import { step } from '../shared/step.ts';

export const handler = step(async () => await checkScale());
