import { beginDeletionStep } from '../../lib/steps/begin-deletion.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(beginDeletionStep);
