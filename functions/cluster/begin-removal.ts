import { beginRemoval } from '../../lib/steps/begin-removal.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(beginRemoval);
