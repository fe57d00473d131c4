import { beginRemoval } from '../../lib/steps/begin-removal.ts';
import { step } from '../shared/step.ts';

export const handler = step(beginRemoval);
