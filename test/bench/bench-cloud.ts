import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, startCloud } from '../../local/cloud/index.ts';
import { freePort } from '../../local/cloud/ports.ts';

/** A fresh embedded cloud for one benchmark, metered, with a connection named `vc`. */
export interface BenchCloud extends Cloud {
  /** Calls the API below the organization, as an administrator. @throws Error where it is refused */
  call<T>(method: string, path: string, body?: object): Promise<T>;
  /** Asks the simulator's control endpoint. */
  asked<T>(method: string, path: string): Promise<T>;
  meter(): Promise<Meter>;
}

/** What a bill would count, since the cloud was started. */
export interface Meter {
  readUnits: number;
  writeUnits: number;
  lambdaMs: number;
  dynamodb: Record<string, { requests: number; units: number }>;
  lambdas: Record<string, { invocations: number; ms: number }>;
}

/** Starts it. `vcsimArgs` are the simulator's further flags, `connection` further values of the connection. */
export async function startBenchCloud({ vcsimArgs = [] as string[], connection = {} } = {}): Promise<BenchCloud> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const meter = `127.0.0.1:${await freePort()}`;
  process.env.SLIPWAY_METER = meter;
  const cloud = await startCloud({ stateDirectory: join(directory, 'state'), vcsimArgs });
  const json = async (url: string, init: RequestInit = {}) => {
    const answer = await fetch(url, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${init.method} ${url}: HTTP ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const bench: BenchCloud = {
    ...cloud,
    call: async (method, path, body) =>
      await json(`${cloud.api}/api/v1/orgs/1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await cloud.issuer.token({ subject: 'bench', organization: 1, role: 'admin' })}`,
        },
        body: body && JSON.stringify(body),
      }),
    asked: (method, path) => json(`${cloud.control}${path}`, { method }),
    meter: () => json(`http://${meter}/`),
    async stop() {
      await cloud.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void bench.stop().then(() => process.exit(130)));
  const values = { ...cloud.vcenter, defaultNodeTemplate: 'ubuntu-24.04', ...connection };
  try {
    await bench.call('POST', '/secrets', { name: 'vc', type: 'vsphere', values });
  } catch (error) {
    await bench.stop();
    throw error;
  }
  return bench;
}

/** A node pool's description. */
export const pool = (name: string, role: 'master' | 'worker', size: number) => ({
  name,
  roles: [role],
  size,
  vcpu: 2,
  ram: 4096,
});
