import type { ConnectionValues } from '../api/secret-values.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { VCenterOperation } from '../operations/operation.ts';
import { readSecretValues } from '../store/secrets.ts';
import { VCenter } from '../vsphere/index.ts';

/** A connection as operations need it: its values, and the client that is kept while this function is warm. */
export interface OpenConnection {
  values: ConnectionValues;
  vcenter: VCenter;
}

const clients = new Map<string, { key: string; vcenter: VCenter }>();

/** Opens a connection, keeping its session for as long as its values stay the same. */
export async function openConnection(organization: number, connectionId: string): Promise<OpenConnection> {
  const values = await readSecretValues<ConnectionValues>(organization, connectionId);
  const key = JSON.stringify(values);
  const kept = clients.get(connectionId);
  if (kept?.key === key) return { values, vcenter: kept.vcenter };
  await kept?.vcenter.logout();
  const vcenter = VCenter.connect(values);
  clients.set(connectionId, { key, vcenter });
  return { values, vcenter };
}

/** Runs a vCenter operation, directly: this function reaches the vCenter. Input and output are parsed by its schemas. */
export async function onVCenter<I, O>(
  cluster: Pick<Cluster, 'organization' | 'connectionId'>,
  operation: VCenterOperation<I, O>,
  input: (connection: ConnectionValues) => I | Promise<I>,
): Promise<O> {
  const { values, vcenter } = await openConnection(cluster.organization, cluster.connectionId);
  const parsed = operation.input.parse(await input(values));
  return operation.output.parse(await operation.run({ vcenter }, parsed));
}
