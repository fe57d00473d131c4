import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { ulid } from 'ulid';
import { sfn } from './clients.ts';
import { settings } from './settings.ts';

export type Workflow = 'create-cluster' | 'converge-cluster' | 'launch-nodes' | 'remove-nodes' | 'delete-cluster';

/** A new execution's ARN, known before it is started, so that a lock can name it first. */
export function newExecution(workflow: Workflow): string {
  const machine = `${settings().SLIPWAY_STATE_MACHINES}${workflow}`;
  return `${machine.replace(':stateMachine:', ':execution:')}:${ulid()}`;
}

/** Starts the execution that `newExecution` named. Starting it twice is starting it once. */
export async function startExecution(execution: string, input: Record<string, unknown>): Promise<void> {
  const parts = execution.split(':');
  const name = parts.pop();
  const stateMachineArn = parts.join(':').replace(':execution:', ':stateMachine:');
  try {
    await sfn().send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** Whether an execution runs, and since when not; UNKNOWN where there is none of that ARN. */
export interface ExecutionState {
  status: 'RUNNING' | 'ENDED' | 'UNKNOWN';
  endedAt?: Date;
}

export async function executionState(execution: string): Promise<ExecutionState> {
  try {
    const { status, stopDate } = await sfn().send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE'
      ? { status: 'RUNNING' }
      : { status: 'ENDED', endedAt: stopDate };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return { status: 'UNKNOWN' };
    throw error;
  }
}

/** Stops an execution; one that ended or never was counts as stopped. */
export async function stopExecution(execution: string, cause: string): Promise<void> {
  if ((await executionState(execution)).status !== 'RUNNING') return;
  await sfn().send(new StopExecutionCommand({ executionArn: execution, error: 'Stopped', cause }));
}

/** A task token that was used, timed out, or belongs to an execution that ended: nobody waits for the answer any more. */
function nobodyWaits(error: unknown): boolean {
  return error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken;
}

/** Ends the state that waits with this token. Returns false where it no longer waits. */
export async function succeedTask(taskToken: string, output: unknown): Promise<boolean> {
  try {
    await sfn().send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
    return true;
  } catch (error) {
    if (nobodyWaits(error)) return false;
    throw error;
  }
}

/** Fails the state that waits with this token, with an error's name for Retry and Catch. */
export async function failTask(taskToken: string, error: Error): Promise<boolean> {
  try {
    await sfn().send(
      new SendTaskFailureCommand({ taskToken, error: error.name, cause: error.message.slice(0, 32_768) }),
    );
    return true;
  } catch (failure) {
    if (nobodyWaits(failure)) return false;
    throw failure;
  }
}
