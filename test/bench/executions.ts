import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import type { Cloud } from '../../local/cloud/index.ts';

const client = ({ awsEndpoint, region }: Cloud) =>
  new SFNClient({ endpoint: awsEndpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

/** Waits until the only execution of a workflow has ended, without a call of the API, which would be counted. @throws Error */
export async function awaitWorkflow(cloud: Cloud, workflow: string, seconds: number): Promise<void> {
  const sfn = client(cloud);
  const stateMachineArn = cloud.stateMachines[workflow];
  for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(100)) {
    const { executions: [one] = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    if (one?.status === 'SUCCEEDED') return;
    if (!one || one.status === 'RUNNING') continue;
    const { error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn: one.executionArn }));
    throw new Error(`${workflow} ${one.status}: ${error} ${cause}`);
  }
  throw new Error(`${workflow} did not end in ${seconds} s`);
}

/** What the workflows cost, nested ones included. */
export interface Transitions {
  transitions: number;
  /** Most events of one execution; AWS ends it at 25,000. */
  historyEventsMax: number;
  /** Largest input or output in bytes; AWS allows 262,144. */
  stateBytesMax: number;
}

/** Counts over the histories of all executions. */
export async function countTransitions(cloud: Cloud): Promise<Transitions> {
  const sfn = client(cloud);
  const total = { transitions: 0, historyEventsMax: 0, stateBytesMax: 0 };
  for (const stateMachineArn of Object.values(cloud.stateMachines)) {
    for await (const { executions = [] } of paginateListExecutions({ client: sfn }, { stateMachineArn })) {
      for (const { executionArn } of executions) {
        let count = 0;
        for await (const { events = [] } of paginateGetExecutionHistory(
          { client: sfn, pageSize: 1000 },
          { executionArn },
        )) {
          count += events.length;
          total.transitions += events.filter(({ type }) => type?.endsWith('StateEntered')).length;
          total.stateBytesMax = Math.max(total.stateBytesMax, ...events.map(largest));
        }
        total.historyEventsMax = Math.max(total.historyEventsMax, count);
      }
    }
  }
  return total;
}

/** The largest input, output or parameters in an event. */
function largest(event: HistoryEvent): number {
  const details = Object.values(event).filter((value) => typeof value === 'object' && !(value instanceof Date));
  return details.reduce((max, each) => {
    const { input = '', output = '', parameters = '' } = each as Record<string, string | undefined>;
    return Math.max(max, Buffer.byteLength(input), Buffer.byteLength(output), Buffer.byteLength(parameters));
  }, 0);
}
