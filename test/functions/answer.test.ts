import { expect, test } from 'vitest';
import { answerOf } from '../../functions/wrappers/answer.ts';
import { SlipwayError } from '../../lib/errors.ts';

const named = (name: string) => Object.assign(new Error('what AWS says'), { name });

test.each([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
])('%s of AWS is told as 429, with when to try again', (name) => {
  const { status, headers, body } = answerOf(named(name), 'r');
  expect([status, headers['retry-after'], body.code, body.error]).toEqual([429, '1', 429, 'TooManyRequests']);
  expect(body.message).not.toContain('AWS');
});

test('what was not foreseen is not told, but where to look for it', () => {
  const { status, body } = answerOf(new Error('secret: hunter2'), 'request-1');
  expect([status, body.error]).toEqual([500, 'InternalError']);
  expect(JSON.stringify(body)).not.toContain('hunter2');
  expect(body.message).toContain('request-1');
});

test('an error of ours is told whole, with its details', () => {
  const { status, headers, body } = answerOf(new SlipwayError('NotYet', 'wait', 503, { retryAfter: 2 }), 'r');
  expect([status, headers['retry-after'], body.message, body.error]).toEqual([503, '2', 'wait', 'NotYet']);
});

test('a node is told 503 instead: pke tries again after nothing less', () => {
  const { status, headers, body } = answerOf(named('ThrottlingException'), 'r', { busy: 503 });
  expect([status, headers['retry-after'], body.code, body.error]).toEqual([503, '1', 503, 'TooManyRequests']);
});
