import { beginDeletionStep } from '../../lib/steps/begin-deletion.ts';
import { step } from '../shared/step.ts';

export const handler = step(beginDeletionStep);
