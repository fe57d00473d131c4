import { takeStock } from '../../lib/steps/take-stock.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(takeStock);
