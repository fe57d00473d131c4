import { removeEtcdMember } from '../../lib/steps/leave-cluster.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(removeEtcdMember);
