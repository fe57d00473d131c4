import { prepareEtcd } from '../../lib/steps/prepare-etcd.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(prepareEtcd);
