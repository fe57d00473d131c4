import { putStorageAccount } from '../../lib/steps/put-storage-account.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(putStorageAccount);
