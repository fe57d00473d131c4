import { observeNodes } from '../../lib/steps/observe-nodes.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(observeNodes);
