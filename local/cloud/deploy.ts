import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { awsEnvironment, REGION } from './aws.ts';
import { run } from './command.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const WORKFLOWS = [
  'create-cluster',
  'converge-cluster',
  'launch-nodes',
  'remove-nodes',
  'delete-cluster',
] as const;

/** Where a deployment is reached. */
export interface Deployment {
  api: string;
  stateMachines: Record<string, string>;
}

/** Deploys serverless.yml to the embedded AWS, with the command that deploys it to the real one. */
export async function deploy(endpoint: string, settings: Record<string, string>): Promise<Deployment> {
  const api = (id: string) => `${endpoint}/_aws/execute-api/${id}/$default`;
  const env = {
    ...process.env,
    ...awsEnvironment(endpoint),
    ...settings,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    SLIPWAY_API_URL: api('${HttpApi}'),
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
    // The bundler's plugin leaves a directory of each function there.
    TMPDIR: mkdtempSync(join(tmpdir(), 'slipway-deploy-')),
  };
  const bin = join(ROOT, 'node_modules', '.bin');
  try {
    await run(join(bin, 'node'), [join(bin, 'serverless'), 'deploy', '--stage', 'local', '--region', REGION], {
      cwd: ROOT,
      env,
    });
  } finally {
    rmSync(env.TMPDIR, { recursive: true });
  }
  const client = new CloudFormationClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'slipway-local' }));
  const outputs = Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
  return {
    api: api(String(outputs.HttpApiIdentifier)),
    stateMachines: Object.fromEntries(WORKFLOWS.map((name) => [name, `${outputs.StateMachines}${name}`])),
  };
}
