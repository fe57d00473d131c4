import { sweep } from '../../lib/steps/sweep.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(sweep);
