import { cloneNodes } from '../../lib/steps/clone-nodes.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(cloneNodes);
