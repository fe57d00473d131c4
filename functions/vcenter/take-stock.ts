import { takeStock } from '../../lib/steps/take-stock.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(takeStock);
