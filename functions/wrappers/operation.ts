import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { failTask, succeedTask } from '../../lib/aws/executions.ts';
import { log } from '../../lib/log.ts';
import { logStep } from './step.ts';

const envelope = z.looseObject({ taskToken: z.string().check(z.minLength(1)) });

/**
 * Makes a Lambda handler of a step on the premises: a state that waits for its task token. Whatever goes wrong is reported
 * with the token, since such a state never hears of an error that the function throws. The token is not passed on.
 */
export function operation<T>(run: (input: Record<string, unknown>) => Promise<T>) {
  return async (event: Record<string, unknown>, context: Context): Promise<void> => {
    const { taskToken, ...input } = envelope.parse(event);
    logStep(input, context);
    try {
      const output = await run(input);
      log.info('done');
      await succeedTask(taskToken, output);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      log.error('failed', failure);
      await failTask(taskToken, failure);
    }
  };
}
