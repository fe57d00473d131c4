import { expect, test } from 'vitest';
import { rootCause } from '../../../lib/steps/record-failure.ts';

test('the first cause of a failure is found below nested workflows', () => {
  const inner = JSON.stringify({ Error: 'NotFound', Cause: "template 'x' is not found", Status: 'FAILED' });
  const outer = JSON.stringify({ Error: 'States.TaskFailed', Cause: inner, Status: 'FAILED' });
  expect(rootCause('States.TaskFailed', outer)).toEqual({ error: 'NotFound', cause: "template 'x' is not found" });
});

test('the error of a function is told by its own name and message', () => {
  const cause = JSON.stringify({ errorType: 'QuorumLost', errorMessage: 'one of three' });
  expect(rootCause('QuorumLost', cause)).toEqual({ error: 'QuorumLost', cause: 'one of three' });
  expect(rootCause('NodeFailed', 'plain words')).toEqual({ error: 'NodeFailed', cause: 'plain words' });
});
