import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installMinistack } from './ministack.ts';
import { type Managed, manage, tail } from './processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Seconds in which MiniStack must answer. */
const START_SECONDS = 30;

/** Environment of what talks to the embedded AWS. */
export function awsEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
  };
}

export const REGION = 'eu-central-1';

/** Starts the embedded AWS on a port. Its state survives in `stateDirectory`. */
export async function startAws(port: number, stateDirectory: string, waitScale: string): Promise<Managed> {
  const python = await installMinistack();
  const temporary = join(stateDirectory, 'tmp');
  for (const directory of [join(stateDirectory, 'aws'), temporary]) mkdirSync(directory, { recursive: true });
  // Functions are CommonJS, also where the directory is inside a project whose files are not.
  writeFileSync(join(temporary, 'package.json'), '{"type":"commonjs"}');
  const endpoint = `http://127.0.0.1:${port}`;
  const aws = manage(python, [join(import.meta.dirname, 'launcher.py')], {
    log: join(stateDirectory, 'aws.log'),
    env: {
      ...process.env,
      ...awsEnvironment(endpoint),
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      // It would listen on all interfaces.
      IOT_MTLS_ENABLED: '0',
      MINISTACK_REGION: REGION,
      MINISTACK_HOST: '127.0.0.1',
      PERSIST_STATE: '1',
      STATE_DIR: join(stateDirectory, 'aws'),
      SFN_WAIT_SCALE: waitScale,
      // Each worker unpacks its function into it.
      TMPDIR: temporary,
      // Functions run on the Node that AWS would use, and trust nothing but what they are told.
      PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`,
    },
  });
  aws.child.stdout?.resume();
  await untilHealthy(aws, endpoint);
  return aws;
}

async function untilHealthy(aws: Managed, endpoint: string): Promise<void> {
  for (let tries = START_SECONDS * 10; tries > 0; tries--) {
    if (aws.child.exitCode !== null) break;
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  await aws.stop();
  throw new Error(`The embedded AWS did not start: ${tail(aws.log)}`);
}
