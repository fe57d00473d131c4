import { deleteBootstrapTokens } from '../../lib/steps/bootstrap-tokens.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(deleteBootstrapTokens);
