/**
 * Control-plane nodes race for one leadership over the HTTP API, all at once: --racers N. Their records are written by the store,
 * since no cluster has so many control-plane nodes; their tokens are signed by the deployment's key.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Cluster } from '../../lib/cluster/cluster.ts';
import { eachLimited } from '../../lib/each-limited.ts';
import { issueNodeToken } from '../../lib/tokens/index.ts';
import { type BenchCloud, startBenchCloud } from './bench-cloud.ts';

const { values } = parseArgs({ args: process.argv.slice(3), options: { racers: { type: 'string', default: '200' } } });
const count = Number(values.racers);

/** Requests under way at once: more would be processes that wait for two cores. */
const AT_ONCE = 16;

interface Racer {
  hostname: string;
  ip: string;
  token: string;
}
interface Decided {
  /** By the node program's rule: elected just now, or named as leader where the answer that said so was lost. */
  leads: boolean;
  leader: string;
  ms: number;
  attempts: number;
}

/** Writes the records of a cluster that is being created, with so many control-plane nodes that boot. */
async function makeRacers(cloud: BenchCloud): Promise<{ clusterId: number; racers: Racer[] }> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: cloud.awsEndpoint,
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    SLIPWAY_DEPLOYMENT: 'bench',
    SLIPWAY_TABLE: 'slipway-local',
    SLIPWAY_KMS_KEY: 'none',
    SLIPWAY_SECRETS: 'slipway/local/',
    SLIPWAY_API_URL: cloud.api,
    SLIPWAY_STATE_MACHINES: 'none',
  });
  // After the environment, which they read.
  const { createCluster } = await import('../../lib/store/clusters.ts');
  const { nextClusterId } = await import('../../lib/store/counters.ts');
  const { enrolNode } = await import('../../lib/store/nodes.ts');
  const { signingKey } = await import('../../lib/auth/signing-key.ts');
  const { instanceUuid } = await import('../../lib/cluster/identity.ts');
  const clusterId = await nextClusterId();
  const createdAt = new Date().toISOString();
  await createCluster({
    ...{ id: clusterId, organization: 1, name: 'race', spec: {}, generation: 1, status: 'CREATING', statusMessage: '' },
    ...{ connectionId: 'none', lastEpoch: 0, serials: count, createdAt, createdBy: 'bench', failures: 0 },
  } as unknown as Cluster);
  const racers: Racer[] = [];
  for (let serial = 1; serial <= count; serial++) {
    const node = `race-m-${serial}`;
    const of = { clusterId, pool: 'm', role: 'master' as const, serial };
    await enrolNode({
      ...{ ...of, name: node, ordinal: serial, wave: 'bench', connectionId: 'none', status: 'booting', createdAt },
      instanceUuid: instanceUuid('bench', clusterId, serial),
    });
    const claims = { ...of, issuer: cloud.api, organization: 1, node, ttlSeconds: 600 };
    const token = await issueNodeToken(await signingKey(), claims);
    racers.push({ hostname: node, ip: `10.0.${serial >> 8}.${serial & 255}`, token });
  }
  return { clusterId, racers };
}

/** Asks until there is a decided answer, with the node program's pauses. The wait for a turn counts. */
async function race(url: string, { hostname, ip, token }: Racer, began: number): Promise<Decided> {
  for (let attempts = 1, pause = 1; attempts <= 10; attempts++) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ hostname, ip }),
    }).catch(() => undefined);
    if (answer && answer.status < 500 && answer.status !== 429) {
      const text = await answer.text();
      if (answer.status !== 201 && answer.status !== 409)
        throw new Error(`${hostname}: HTTP ${answer.status}: ${text}`);
      const { hostname: leader }: { hostname: string } = JSON.parse(text);
      const leads = answer.status === 201 || leader === hostname;
      return { leads, leader, ms: performance.now() - began, attempts };
    }
    await sleep((pause + Math.round(Math.random())) * 1000);
    pause = Math.min(pause * 2, 10);
  }
  throw new Error(`${hostname} got no decided answer in 10 attempts`);
}

const cloud = await startBenchCloud();
try {
  const { clusterId, racers } = await makeRacers(cloud);
  const url = `${cloud.api}/api/v1/orgs/1/clusters/${clusterId}/pke/leader`;
  // Each asks who leads, so that the functions are warm: on two cores a herd of cold ones would be what is measured.
  await eachLimited(racers, AT_ONCE, ({ token }) => fetch(url, { headers: { authorization: `Bearer ${token}` } }));
  const began = performance.now();
  const decided = await eachLimited(racers, AT_ONCE, (racer) => race(url, racer, began));
  const leaders = new Set(decided.map(({ leader }) => leader));
  const elected = decided.filter(({ leads }) => leads).length;
  const told = decided.length - elected;
  const ms = decided.map((each) => each.ms).sort((a, b) => a - b);
  const at = (share: number) => Math.round(ms[Math.min(Math.floor(share * count), count - 1)] as number);
  const attempts = Math.max(...decided.map((each) => each.attempts));
  console.log(
    JSON.stringify({ racers: count, elected, told, leaders: leaders.size, attempts, p50Ms: at(0.5), p99Ms: at(0.99) }),
  );
  if (elected !== 1 || told !== count - 1 || leaders.size !== 1) process.exitCode = 1;
} finally {
  await cloud.stop();
}
