import { beforeAll, expect, test } from 'vitest';
import { api, aws, cloud, create, registerConnection, remove } from './harness.ts';

beforeAll(async () => {
  await registerConnection();
});

test('no secret is in a workflow’s history, in a record or in an event', async () => {
  const id = await create('secrecy', 1, 1);
  const { SecretList } = await aws<{ SecretList: { Name: string }[] }>(
    'secretsmanager',
    'secretsmanager.ListSecrets',
    {},
  );
  const secrets: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) collect(each);
    // Certificates and public keys are no secrets; neither are names, sizes and addresses.
    else if (typeof value === 'string' && (value.includes('PRIVATE KEY') || /^[A-Za-z0-9+/]{43}=$/.test(value)))
      secrets.push(value);
  };
  for (const { Name } of SecretList.filter(({ Name }) => Name.includes(`/clusters/${id}`))) {
    const { SecretString } = await aws<{ SecretString: string }>('secretsmanager', 'secretsmanager.GetSecretValue', {
      SecretId: Name,
    });
    collect(JSON.parse(SecretString));
  }
  // Four keys of authorities and of service accounts, the encryption key, and the seed of bootstrap tokens.
  expect(secrets).toHaveLength(6);
  secrets.push(cloud.vcenter.password);

  let told = JSON.stringify(await aws('dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'slipway-local' }));
  let executions = 0;
  for (const stateMachineArn of Object.values(cloud.stateMachines)) {
    const list = await aws<{ executions: { executionArn: string }[] }>('states', 'AWSStepFunctions.ListExecutions', {
      stateMachineArn,
    });
    for (const { executionArn } of list.executions) {
      executions++;
      told += JSON.stringify(
        await aws('states', 'AWSStepFunctions.GetExecutionHistory', {
          executionArn,
          maxResults: 1000,
          includeExecutionData: true,
        }),
      );
    }
  }
  expect(executions).toBeGreaterThanOrEqual(3);
  for (const secret of secrets) {
    const escaped = JSON.stringify(secret).slice(1, -1);
    for (const form of [
      secret,
      escaped,
      JSON.stringify(escaped).slice(1, -1),
      Buffer.from(secret).toString('base64'),
    ]) {
      expect(told.includes(form)).toBe(false);
    }
  }
  expect((await api('GET', `/clusters/${id}`)).status).toBe(200);
  await remove(id);
});
