import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// What `serverless package` makes of serverless.yml is what AWS gets: the claims about it are checked there.

interface Statement {
  Effect: string;
  Action: string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, string[]>>;
}
// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes
type Resource = { Type: string; Properties: any; DeletionPolicy?: string };

/** Largest bundle, in bytes. */
const MAX_BUNDLE = 500_000;

const directory = mkdtempSync(join(tmpdir(), 'slipway-package-'));
/** The bundler's plugin leaves a directory of each function there. */
const temporary = mkdtempSync(join(tmpdir(), 'slipway-bundler-'));
let resources: Record<string, Resource>;
const of = (type: string) => Object.entries(resources).filter(([, each]) => each.Type === type);

function packageTo(path: string, env: Record<string, string> = {}): Record<string, Resource> {
  const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', SLS_TELEMETRY_DISABLED: '1' };
  execFileSync('serverless', ['package', '--stage', 'check', '--package', path], {
    env: { ...process.env, ...keys, TMPDIR: temporary, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(readFileSync(join(path, 'cloudformation-template-update-stack.json'), 'utf8')).Resources;
}

beforeAll(() => {
  resources = packageTo(directory, { SLIPWAY_SUBNETS: 'subnet-1,subnet-2', SLIPWAY_SECURITY_GROUPS: 'sg-1' });
}, 120_000);
afterAll(() => {
  for (const each of [directory, temporary]) rmSync(each, { recursive: true, force: true });
});

describe('functions', () => {
  test('are one minified bundle each, small, with their shell programs beside it and no source map', () => {
    const script = `import json, sys, zipfile
print(json.dumps({file: {i.filename: i.file_size for i in zipfile.ZipFile(file).infolist()} for file in sys.argv[1:]}))`;
    const zips = readdirSync(directory).filter((file) => file.endsWith('.zip'));
    const paths = zips.map((file) => join(directory, file));
    const sizes: Record<string, Record<string, number>> = JSON.parse(
      execFileSync('python3', ['-c', script, ...paths], { encoding: 'utf8' }),
    );
    expect(zips).toHaveLength(of('AWS::Lambda::Function').length);
    for (const [zip, files] of Object.entries(sizes)) {
      const bundles = Object.keys(files).filter((file) => /^functions\/.*\.js$/.test(file));
      expect(bundles, zip).toHaveLength(1);
      expect(files[bundles[0] ?? ''], zip).toBeLessThanOrEqual(MAX_BUNDLE);
      const others = Object.keys(files).filter((file) => !bundles.includes(file));
      expect(others.length > 0, zip).toBe(basename(zip) === 'clone-vms.zip');
      for (const file of others) expect(file, zip).toMatch(/^functions\/vcenter\/clone-vms\.[-a-z]+\.sh$/);
    }
  });

  test('run on Node 24 on arm64, traced, with logs that end', () => {
    for (const [name, { Properties }] of of('AWS::Lambda::Function')) {
      expect(Properties, name).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
    }
    const groups = of('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(of('AWS::Lambda::Function').length);
    for (const [name, { Properties }] of groups) expect(Properties.RetentionInDays, name).toBe(30);
  });

  test('that reach the premises, and they alone, are in the VPC that was given', () => {
    for (const [name, { Properties }] of of('AWS::Lambda::Function')) {
      const premises = /^functions\/(vcenter|kubernetes)\/|check-secret|scale-check/.test(Properties.Handler);
      const vpc = premises ? { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] } : undefined;
      expect(Properties.VpcConfig, name).toEqual(vpc);
    }
  });

  test('answer API Gateway within its time limit', () => {
    for (const [name, { Properties }] of of('AWS::Lambda::Function')) {
      if (/^functions\/(api|node)\//.test(Properties.Handler)) expect(Properties.Timeout, name).toBeLessThanOrEqual(29);
    }
  });
});

describe('rights', () => {
  /** Every statement of every role, with the name of its role. */
  const statements = (): [string, Statement][] =>
    of('AWS::IAM::Role').flatMap(([role, { Properties }]) =>
      Properties.Policies.flatMap(({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) =>
        PolicyDocument.Statement.map((each): [string, Statement] => [role, each]),
      ),
    );
  /** X-Ray takes no narrower resource. */
  const ANY_RESOURCE = /^xray:(Put|GetSampling)/;

  test('name each action, and a resource where the service takes one', () => {
    expect(statements().length).toBeGreaterThan(100);
    for (const [role, { Action, Resource }] of statements()) {
      for (const action of Action) expect(action, role).not.toContain('*');
      if ([Resource].flat().includes('*')) for (const action of Action) expect(action, role).toMatch(ANY_RESOURCE);
    }
  });

  test('let each function send its traces, and those in the VPC have their network interfaces', () => {
    for (const [name, { Properties }] of of('AWS::Lambda::Function')) {
      const role = Properties.Role['Fn::GetAtt'][0];
      const actions = statements().flatMap(([each, { Action }]) => (each === role ? Action : []));
      expect(actions, name).toContain('xray:PutTraceSegments');
      const managed = JSON.stringify(resources[role]?.Properties.ManagedPolicyArns ?? []);
      expect(managed.includes('AWSLambdaVPCAccessExecutionRole'), name).toBe(Properties.VpcConfig !== undefined);
    }
  });

  test('on the table are for keys of one kind, on secrets for one prefix', () => {
    const onTable = statements().filter(([, { Action }]) => Action.some((each) => each.startsWith('dynamodb:')));
    expect(onTable.length).toBeGreaterThan(30);
    for (const [role, { Action, Condition }] of onTable) {
      const keys = Object.values(Condition ?? {}).flatMap((each) => each['dynamodb:LeadingKeys'] ?? []);
      expect(keys, role).toEqual([
        expect.stringMatching(/^(CLUSTER#\*|ORG#\*|CONNECTION#\*|ADDRESSES#\*|DEPLOYMENT)$/),
      ]);
      expect(Action, role).not.toContain('dynamodb:Scan');
    }
    for (const [role, { Action, Resource }] of statements()) {
      if (!Action.some((each) => each.startsWith('secretsmanager:'))) continue;
      expect(JSON.stringify(Resource), role).toMatch(
        /secret:slipway\/check\/(clusters\/\*|organizations\/\*|token-signing-key-\*)"/,
      );
    }
  });

  test('are a function’s own: only those that issue node tokens read the signing key, no node callback reads a connection', () => {
    const readers = (prefix: string) =>
      statements()
        .filter(
          ([, { Action, Resource }]) =>
            /secretsmanager/.test(String(Action)) && JSON.stringify(Resource).includes(prefix),
        )
        .map(([role]) => role.replace('IamRoleLambdaExecution', '').replaceAll('Dash', '-'));
    expect(readers('token-signing-key')).toEqual(['Clone-vms']);
    expect(
      readers('organizations/').filter((each) => /^(Leader|Ready|Bootstrap|Status|Commands|Jwks)$/.test(each)),
    ).toEqual([]);
  });
});

test('records can be restored, expire, are encrypted, and outlive the stack', () => {
  const { Properties, DeletionPolicy } = resources.Table as Resource;
  expect(DeletionPolicy).toBe('Retain');
  expect(Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEType: 'KMS' },
  });
});

test('executions that fail, take too long or are stopped are told to record-failure', () => {
  const rule = of('AWS::Events::Rule').find(([, { Properties }]) => Properties.EventPattern);
  expect(rule?.[1].Properties.EventPattern.detail.status).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
  expect(JSON.stringify(rule?.[1].Properties.Targets)).toContain('RecordDashfailure');
});

test('every wait of a workflow has a time limit', () => {
  const machines = of('AWS::StepFunctions::StateMachine');
  expect(machines).toHaveLength(5);
  let waits = 0;
  // biome-ignore lint/suspicious/noExplicitAny: Amazon States Language
  const visit = (value: any, name: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (String(value.Resource).endsWith('.waitForTaskToken')) {
      waits++;
      expect(value.TimeoutSeconds, `${name}: ${JSON.stringify(value).slice(0, 200)}`).toBeGreaterThan(0);
    }
    for (const each of Object.values(value)) visit(each, name);
  };
  for (const [name, { Properties }] of machines) {
    const { DefinitionString } = Properties;
    visit(JSON.parse(typeof DefinitionString === 'string' ? DefinitionString : DefinitionString['Fn::Sub'][0]), name);
  }
  expect(waits).toBeGreaterThan(10);
});

test('half a VPC is refused before anything is packaged', () => {
  expect(() => packageTo(join(directory, 'half'), { SLIPWAY_SUBNETS: 'subnet-1' })).toThrow();
});
