import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Issuer, startIssuer } from '../oidc/issuer.ts';
import { REGION, startAws } from './aws.ts';
import { deploy } from './deploy.ts';
import { freePort } from './ports.ts';
import { startVcsim, type Vcsim } from './vcsim.ts';

const ROOT = join(import.meta.dirname, '..', '..');

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
  port?: number;
}

/** Starts AWS, the vCenter with its guests and an OIDC issuer, and deploys Slipway. What started is stopped again on failure. */
export async function startCloud({
  stateDirectory,
  step = () => undefined,
  waitScale = '1',
  settings = {},
  vcsimArgs = [],
  port,
}: Options): Promise<Cloud> {
  rmSync(stateDirectory, { recursive: true, force: true });
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.allSettled(stops.splice(0).map((each) => each()));
  };
  try {
    step('Starting the vCenter simulator');
    const guest = `${process.execPath} ${join(ROOT, 'local', 'guest', 'guest.ts')}`;
    const rootfs = join(stateDirectory, 'guests');
    const vcsim = await startVcsim({
      password: randomBytes(12).toString('hex'),
      log: join(stateDirectory, 'vcsim.log'),
      args: ['-guest', guest, '-rootfs', rootfs, ...vcsimArgs],
    });
    stops.push(vcsim.stop);
    const issuer = await startIssuer(await freePort());
    stops.push(issuer.stop);

    step('Starting the embedded AWS');
    const awsPort = await freePort(port);
    const awsEndpoint = `http://127.0.0.1:${awsPort}`;
    let aws = await startAws(awsPort, stateDirectory, waitScale);
    stops.push(() => aws.stop());

    step('Deploying serverless.yml');
    const issuers = JSON.stringify([{ issuer: issuer.url, audience: issuer.audience }]);
    const deployment = await deploy(awsEndpoint, {
      SLIPWAY_WATCH_SECONDS: '5',
      ...settings,
      SLIPWAY_OIDC_ISSUERS: issuers,
    });
    const { url, user, password, fingerprint, control } = vcsim;
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
