import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Issuer, startIssuer } from '../oidc/issuer.ts';
import { REGION, startAws } from './aws.ts';
import { deploy } from './deploy.ts';
import { freePort } from './ports.ts';
import { type Guests, startVcsim, type Vcsim } from './vcsim.ts';

/** Guests that stand in for machines: plain processes, whose kubeadm and API server are stand-ins. */
const STAND_INS: Guests = { program: join(import.meta.dirname, '..', 'guest', 'guest.ts') };

/** The embedded cloud, while it runs. */
export interface Cloud {
  api: string;
  token: string;
  awsEndpoint: string;
  region: string;
  vcenter: Pick<Vcsim, 'url' | 'user' | 'password' | 'fingerprint'>;
  control: string;
  stateMachines: Record<string, string>;
  issuer: Issuer;
  /** Kills the AWS side and starts it again on its state, as a power cut would. */
  restartAws(): Promise<void>;
  stop(): Promise<void>;
}

export interface Options {
  stateDirectory: string;
  /** Told of each step before it is taken. */
  step?: (title: string) => void;
  /** Factor for Wait states and retry intervals. */
  waitScale?: string;
  /** Further settings of the functions, e.g. SLIPWAY_NODE_SECONDS. */
  settings?: Record<string, string>;
  vcsimArgs?: string[];
  /** What runs in the VMs: stand-ins where it is left out. */
  guests?: Guests;
  port?: number;
}

/** What stays the same over a restart, so that everything is found again. */
interface Kept {
  password: string;
  ports: { aws: number; vcenter: number; issuer: number };
}

function readKept(file: string): Partial<Kept> {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/**
 * Starts AWS, the vCenter with its guests and an OIDC issuer, and deploys Slipway. What is in the state directory from before
 * goes on. What started is stopped again on failure.
 */
export async function startCloud({
  stateDirectory,
  step = () => undefined,
  waitScale = '1',
  settings = {},
  vcsimArgs = [],
  guests = STAND_INS,
  port,
}: Options): Promise<Cloud> {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const file = join(stateDirectory, 'cloud.json');
  const before = readKept(file);
  const password = before.password ?? randomBytes(12).toString('hex');
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.allSettled(stops.splice(0).map((each) => each()));
  };
  try {
    step('Starting the vCenter simulator');
    const vcsim = await startVcsim({
      port: before.ports?.vcenter ?? 0,
      password,
      state: stateDirectory,
      guests,
      args: vcsimArgs,
    });
    stops.push(vcsim.stop);
    const issuerPort = await freePort(before.ports?.issuer);
    const issuer = await startIssuer(issuerPort);
    stops.push(issuer.stop);

    step('Starting the embedded AWS');
    const awsPort = await freePort(before.ports?.aws ?? port);
    const awsEndpoint = `http://127.0.0.1:${awsPort}`;
    let aws = await startAws(awsPort, stateDirectory, waitScale);
    stops.push(() => aws.stop());
    const kept: Kept = {
      password,
      ports: { aws: awsPort, vcenter: Number(new URL(vcsim.url).port), issuer: issuerPort },
    };
    writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });

    step('Deploying serverless.yml');
    const issuers = JSON.stringify([{ issuer: issuer.url, audience: issuer.audience }]);
    const deployment = await deploy(awsEndpoint, { ...settings, SLIPWAY_OIDC_ISSUERS: issuers });
    const { url, user, fingerprint, control } = vcsim;
    return {
      ...deployment,
      token: await issuer.token({ subject: 'demo', organization: 1, role: 'admin' }),
      awsEndpoint,
      region: REGION,
      vcenter: { url, user, password, fingerprint },
      control,
      issuer,
      async restartAws() {
        aws.child.kill('SIGTERM');
        await aws.stop();
        aws = await startAws(awsPort, stateDirectory, waitScale);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
