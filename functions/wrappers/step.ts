import type { Context } from 'aws-lambda';
import { log } from '../../lib/log.ts';

/** Puts what a workflow's step is about on each of its log lines. */
export function logStep(input: Record<string, unknown>, context: Context): void {
  const { clusterId, owner, execution, wave, name } = input;
  log.resetKeys();
  log.appendKeys({
    request: context.awsRequestId,
    cluster: clusterId,
    execution: owner ?? execution,
    wave,
    node: name,
  });
}

/** Makes a Lambda handler of a workflow's step. Its errors reach the workflow by name. */
export function step<T>(run: (input: Record<string, unknown>) => Promise<T>) {
  return async (input: Record<string, unknown>, context: Context): Promise<T> => {
    logStep(input, context);
    try {
      const output = await run(input);
      log.info('done');
      return output;
    } catch (error) {
      log.error('failed', error as Error);
      throw error;
    }
  };
}
