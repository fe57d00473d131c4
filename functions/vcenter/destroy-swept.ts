import { destroySwept } from '../../lib/steps/destroy-nodes.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(destroySwept);
