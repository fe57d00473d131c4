import { sweep } from '../../lib/steps/sweep.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(sweep);
