import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { api, aws, cloud } from '../e2e/harness.ts';
import type { Place } from './find-secrets.ts';

/** The whole table. */
export async function table(): Promise<Place> {
  const all = await aws('dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'slipway-local' });
  return { where: 'table', content: JSON.stringify(all) };
}

/** Of every execution that there was: what it was given, what it gave, and its history. */
export async function executions(): Promise<Place[]> {
  const places: Place[] = [];
  for (const [workflow, stateMachineArn] of Object.entries(cloud.stateMachines)) {
    const { executions } = await aws<{ executions: { executionArn: string }[] }>(
      'states',
      'AWSStepFunctions.ListExecutions',
      { stateMachineArn },
    );
    for (const { executionArn } of executions) {
      const input = { executionArn, maxResults: 1000, includeExecutionData: true };
      const told = await Promise.all([
        aws('states', 'AWSStepFunctions.GetExecutionHistory', input),
        aws('states', 'AWSStepFunctions.DescribeExecution', { executionArn }),
      ]);
      places.push({ where: `execution of ${workflow}`, content: JSON.stringify(told) });
    }
  }
  return places;
}

/** What each function has logged. */
export async function logs(): Promise<Place[]> {
  const { logGroups } = await aws<{ logGroups: { logGroupName: string }[] }>(
    'logs',
    'Logs_20140328.DescribeLogGroups',
    {},
  );
  const places: Place[] = [];
  for (const { logGroupName } of logGroups) {
    let nextToken: string | undefined;
    do {
      const page: { events: unknown[]; nextToken?: string } = await aws('logs', 'Logs_20140328.FilterLogEvents', {
        logGroupName,
        nextToken,
      });
      places.push({ where: `log of ${logGroupName}`, content: JSON.stringify(page.events) });
      nextToken = page.nextToken;
    } while (nextToken);
  }
  return places;
}

/** Whatever the API answers of a cluster and of the secrets, but for kubeconfigs. */
export async function answers(id: number): Promise<Place[]> {
  const paths = ['', '/nodes', '/nodepools', '/events?limit=200', '/config?form=exec'].map(
    (path) => `/clusters/${id}${path}`,
  );
  return await Promise.all(
    [...paths, '/clusters', '/secrets'].map(async (path) => ({
      where: `answer of ${path}`,
      content: JSON.stringify((await api('GET', path)).body),
    })),
  );
}

/** The extraConfig of each VM, as everybody reads it who may see the VM. */
export function virtualMachines(): Place[] {
  const all: { name: string; instanceUuid: string }[] = JSON.parse(readFileSync(join(cloud.state, 'vms.json'), 'utf8'));
  return all.map((vm) => ({ where: `VM ${vm.name}`, content: JSON.stringify(vm) }));
}

/**
 * Every file of the embedded cloud: its logs, and what is on the guests. Left out are what stands for the safe itself, the code of
 * the functions, and what the VMs tell.
 */
export function files(): Place[] {
  const left = /^(aws\/|tmp\/|cloud\.json$|vcsim\.pem$|vms\.json)/;
  return readdirSync(cloud.state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cloud.state.length + 1))
    .filter((path) => !left.test(path))
    .map((path) => ({ where: path, content: readFileSync(join(cloud.state, path)) }));
}
