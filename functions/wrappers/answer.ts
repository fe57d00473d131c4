import { SlipwayError } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';

/** What AWS throws when it is asked too much at once. */
const THROTTLED = /Throttl|TooManyRequests|ProvisionedThroughputExceeded|LimitExceeded|RequestLimitExceeded/;

/** Errors of operations, as HTTP statuses. */
const STATUSES: Record<string, number> = {
  NotAuthorized: 422,
  VCenterUntrusted: 422,
  NotFound: 404,
  NameTaken: 409,
  InvalidSpec: 400,
  OutOfResources: 507,
  VCenterBusy: 503,
  VCenterUnreachable: 502,
  TaskFailed: 502,
};

/** The answer that an error is told with: always `{code, message, error}`. What was not foreseen is logged, not told. */
export function answerOf(error: unknown, requestId: string, { busy = 429 }: { busy?: 429 | 503 } = {}) {
  const failure = error instanceof Error ? error : new Error(String(error));
  const headers: Record<string, string> = {};
  let status = 500;
  let name = failure.name;
  let message = failure.message;
  let details: Record<string, unknown> = {};
  if (failure instanceof SlipwayError) {
    ({ status, details } = failure);
  } else if (THROTTLED.test(failure.name)) {
    [status, name, message] = [busy, 'TooManyRequests', 'Too many requests at once: try again in a moment.'];
  } else if (STATUSES[failure.name]) {
    status = STATUSES[failure.name] as number;
  } else {
    log.error('unforeseen error', failure);
    [name, message] = ['InternalError', `Something went wrong here. Its log lines have the request id ${requestId}.`];
  }
  const retryAfter = details.retryAfter ?? (name === 'TooManyRequests' ? 1 : undefined);
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  if (status < 500) log.info('refused', { error: name, reason: message });
  return { status, headers, body: { code: status, message, error: name, ...details } };
}
