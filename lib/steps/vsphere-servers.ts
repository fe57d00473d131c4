import type { VSphereServer } from '../addons/index.ts';
import { type ConnectionValues, connectionValues } from '../api/secret-values.ts';
import { type Cluster, connectionOf } from '../cluster/cluster.ts';
import { readSecretValues } from '../store/secrets.ts';
import { datacenterOf } from './wanted-placement.ts';

/** A vCenter's managed object ids are no names: what reads names must do without. */
const OBJECT_ID = /^(Datacenter:)?datacenter-\d+$/;

/** The values of a connection, with the defaults of fields that it was made without. */
export async function readConnection(organization: number, id: string): Promise<ConnectionValues> {
  return connectionValues.parse(await readSecretValues(organization, id));
}

/**
 * The vCenters that a cluster is on, each with the account of its own that the cluster is told: the storage account, or the
 * connection's.
 */
export async function vsphereServers(cluster: Cluster): Promise<VSphereServer[]> {
  const { organization, storageSecretId, spec } = cluster;
  const storage = storageSecretId ? await readConnection(organization, storageSecretId) : undefined;
  const servers = new Map<string, VSphereServer>();
  const parts = spec.nodepools.flatMap((pool) => (pool.placements ?? [undefined]).map((domain) => ({ pool, domain })));
  for (const [connectionId, own] of Map.groupBy(parts, ({ domain }) => connectionOf(cluster, domain))) {
    const connection = await readConnection(organization, connectionId);
    const { hostname: host, port } = new URL(connection.url);
    const { user, password } = storage ?? connection;
    const named = own.map(({ pool, domain }) => datacenterOf(connection, spec, pool, domain));
    const all = named.some((name) => name === undefined || OBJECT_ID.test(name));
    const known = servers.get(host);
    servers.set(host, {
      ...{ host, port: Number(port) || 443, user, password },
      fingerprint: connection.fingerprint,
      ca: connection.ca,
      datacenters:
        all || known?.datacenters.length === 0
          ? []
          : [...new Set([...(known?.datacenters ?? []), ...named.filter((name) => name !== undefined)])],
    });
  }
  return [...servers.values()];
}
