/** One creation of 3 masters and 2 workers in the embedded cloud: seconds, vCenter requests, state transitions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { startCloud } from '../../local/cloud/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const began = Date.now();
const cloud = await startCloud({ stateDirectory: join(directory, 'state') });
const cloudSeconds = (Date.now() - began) / 1000;
// biome-ignore lint/suspicious/noExplicitAny: a few fields of a few answers
const call = async (method: string, path: string, body?: object): Promise<any> => {
  const headers = { authorization: `Bearer ${cloud.token}` };
  return await (
    await fetch(`${cloud.api}/api/v1/orgs/1${path}`, { method, headers, body: body && JSON.stringify(body) })
  ).json();
};
const pool = (name: string, role: string, size: number) => ({ name, roles: [role], size, vcpu: 2, ram: 4096 });
await call('POST', '/secrets', {
  name: 'vc',
  type: 'vsphere',
  values: { ...cloud.vcenter, defaultNodeTemplate: 'ubuntu-24.04' },
});

const posted = Date.now();
const { id } = await call('POST', '/clusters', {
  name: 'bench',
  secretName: 'vc',
  nodepools: [pool('m', 'master', 3), pool('w', 'worker', 2)],
});
let status = 'CREATING';
for (let tries = 300; status === 'CREATING' && tries > 0; tries--) {
  await sleep(200);
  ({ status } = await call('GET', `/clusters/${id}`));
}
const seconds = (Date.now() - posted) / 1000;
const counts = (await (await fetch(`${cloud.control}/requests`)).json()) as Record<string, number>;

await sleep(1000);
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const sfn = new SFNClient({ endpoint: cloud.awsEndpoint, region: cloud.region, credentials });
let transitions = 0;
for (const stateMachineArn of Object.values(cloud.stateMachines)) {
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  for (const { executionArn } of executions) {
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    transitions += events.filter(({ type }) => type?.endsWith('StateEntered')).length;
  }
}
await cloud.stop();
rmSync(directory, { recursive: true, force: true });
const requests = Object.values(counts).reduce((sum, count) => sum + count, 0);
console.log(JSON.stringify({ status, cloudSeconds, seconds, requests, transitions }));
