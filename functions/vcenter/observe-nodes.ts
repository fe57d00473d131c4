import { observeNodes } from '../../lib/steps/observe-nodes.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(observeNodes);
