import type { Cluster } from '../../lib/cluster/cluster.ts';
import { cloud } from './harness.ts';

/** Gives this process the environment of a function, before it loads the store: it reads and writes the embedded DynamoDB. */
export function asFunction(): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: cloud.awsEndpoint,
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    SLIPWAY_DEPLOYMENT: 'test',
    SLIPWAY_TABLE: 'slipway-local',
    SLIPWAY_KMS_KEY: 'none',
    SLIPWAY_SECRETS: 'test/',
    SLIPWAY_API_URL: cloud.api,
    SLIPWAY_STATE_MACHINES: 'none',
  });
}

/** The record of a cluster that nobody works on. */
export function clusterRecord(id: number, more: object = {}): Cluster {
  return {
    id,
    organization: 99,
    name: `race-${id}`,
    spec: {},
    generation: 1,
    status: 'ERROR',
    statusMessage: '',
    connectionId: 'none',
    lastEpoch: 0,
    serials: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'test',
    failures: 0,
    ...more,
  } as unknown as Cluster;
}
