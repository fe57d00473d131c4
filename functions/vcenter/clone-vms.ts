import { cloneNodes } from '../../lib/steps/clone-nodes.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(cloneNodes);
