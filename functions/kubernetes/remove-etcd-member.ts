import { removeEtcdMember } from '../../lib/steps/leave-cluster.ts';
import { operation } from '../shared/operation.ts';

export const handler = operation(removeEtcdMember);
