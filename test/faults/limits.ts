import type { Api } from './api.ts';

interface State {
  Resource?: string;
  TimeoutSeconds?: number;
  States?: Record<string, State>;
  ItemProcessor?: State;
  Branches?: State[];
}

/** Seconds of a state whose function has ended without a word. The embedded AWS counts from the function's end. */
const OPERATION_SECONDS = 2;
/** Most seconds of a state that waits for news from outside, such as nodes' callbacks. */
const NEWS_SECONDS = 4;
/** What waits for less than this waits for news. */
const MIN_OPERATION_SECONDS = 60;

/**
 * Shortens the time limits of states that wait for a task token, in the workflows as they are deployed: a function that is
 * killed is noticed by them alone, and a test has no minutes to wait. Nothing else is changed.
 */
export async function shortenLimits(api: Api, stateMachines: string[]): Promise<void> {
  let shortened = 0;
  const shorten = (state: State): void => {
    if (state.Resource?.endsWith('.waitForTaskToken') && state.TimeoutSeconds) {
      state.TimeoutSeconds =
        state.TimeoutSeconds >= MIN_OPERATION_SECONDS
          ? OPERATION_SECONDS
          : Math.min(state.TimeoutSeconds, NEWS_SECONDS);
      shortened++;
    }
    for (const inner of Object.values(state.States ?? {})) shorten(inner);
    for (const inner of [state.ItemProcessor, ...(state.Branches ?? [])]) if (inner) shorten(inner);
  };
  for (const stateMachineArn of stateMachines) {
    const { definition } = await api.aws<{ definition: string }>('states', 'AWSStepFunctions.DescribeStateMachine', {
      stateMachineArn,
    });
    const workflow = JSON.parse(definition) as State;
    shorten(workflow);
    await api.aws('states', 'AWSStepFunctions.UpdateStateMachine', {
      stateMachineArn,
      definition: JSON.stringify(workflow),
    });
  }
  if (shortened === 0)
    throw new Error('no state of any workflow waits for a task token: the fault tests do not fit them');
}
