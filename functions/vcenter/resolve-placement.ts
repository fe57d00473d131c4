import { resolvePlacement } from '../../lib/steps/resolve-placement.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(resolvePlacement);
