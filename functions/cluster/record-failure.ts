import type { EventBridgeEvent } from 'aws-lambda';
import { recordFailure } from '../../lib/steps/record-failure.ts';
import { step } from '../wrappers/step.ts';

const record = step(async ({ detail }) => await recordFailure(detail));

export const handler = (
  event: EventBridgeEvent<string, Record<string, unknown>>,
  context: Parameters<typeof record>[1],
) => record({ detail: event.detail, execution: event.detail.executionArn }, context);
