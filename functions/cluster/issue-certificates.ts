import { issueCertificates } from '../../lib/steps/issue-certificates.ts';
import { step } from '../shared/step.ts';

export const handler = step(issueCertificates);
