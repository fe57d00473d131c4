import { issueCertificates } from '../../lib/steps/issue-certificates.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(issueCertificates);
