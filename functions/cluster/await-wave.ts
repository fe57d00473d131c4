import { failTask } from '../../lib/aws/executions.ts';
import { awaitWave } from '../../lib/steps/await-wave.ts';
import { step } from '../wrappers/step.ts';

export const handler = step(async (input) => {
  try {
    await awaitWave(input);
  } catch (error) {
    await failTask(String(input.taskToken), error as Error);
  }
});
