import { Logger } from '@aws-lambda-powertools/logger';

/**
 * Structured JSON log lines. Wrappers put `cluster`, `node` and `execution` on every line of a call.
 * Nothing secret is logged: no body, no header, no operation's input.
 */
export const log = new Logger({ serviceName: 'slipway' });
