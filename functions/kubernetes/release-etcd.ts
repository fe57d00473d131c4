import { releaseEtcd } from '../../lib/steps/release-etcd.ts';
import { operation } from '../wrappers/operation.ts';

export const handler = operation(releaseEtcd);
