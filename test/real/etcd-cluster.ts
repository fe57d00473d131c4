import type { NodeDescription } from '../../lib/bootstrap/index.ts';
import type { Cluster } from '../../lib/cluster/cluster.ts';
import type { ExternalEtcd } from '../../lib/cluster/etcd.ts';
import type { Node } from '../../lib/cluster/node.ts';
import type { ClusterKeys } from '../../lib/store/cluster-keys.ts';
import { describeNode } from './cluster.ts';
import type { Machine } from './machine.ts';
import { GATEWAY } from './network.ts';

/** An etcd cluster, or a Kubernetes cluster on it: its record, its keys and its machines. */
export interface OnEtcd {
  cluster: Cluster;
  keys: ClusterKeys;
  machines: Machine[];
  port: number;
}

/** What a machine of it is told. */
export function describeOnEtcd({ cluster, port }: OnEtcd, name: string, etcd?: NodeDescription['cluster']['etcd']) {
  const node = describeNode(name, 'master');
  const role: NodeDescription['node']['role'] = etcd ? 'master' : 'etcd';
  return {
    ...node,
    node: { ...node.node, role },
    cluster: { ...node.cluster, name: cluster.name, etcd, cloudProvider: undefined },
    apiUrl: `http://${GATEWAY}:${port}`,
  };
}

/** A record, as far as the code under test reads it. */
export function clusterRecord(id: number, name: string, roles: string[], etcd?: ExternalEtcd): Cluster {
  return { id, organization: 1, name, status: 'RUNNING', spec: { nodepools: [{ roles }] }, etcd } as unknown as Cluster;
}

/** The records of an etcd cluster's machines. */
export const etcdRecords = (machines: readonly Machine[]) =>
  machines.map(({ name, address }) => ({ name, address, role: 'etcd', status: 'ready' }) as unknown as Node);
