import { resolvePlacement } from '../../lib/steps/resolve-placement.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(resolvePlacement);
