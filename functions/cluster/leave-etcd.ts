import { leaveEtcd } from '../../lib/steps/release-etcd.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(leaveEtcd);
