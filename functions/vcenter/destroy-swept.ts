import { destroySwept } from '../../lib/steps/destroy-nodes.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(destroySwept);
