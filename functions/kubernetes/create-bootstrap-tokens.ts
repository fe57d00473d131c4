import { createBootstrapTokens } from '../../lib/steps/bootstrap-tokens.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(createBootstrapTokens);
