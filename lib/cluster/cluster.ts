import { usesVSphere } from './account.ts';
import type { AddonStates } from './addon-state.ts';
import type { ExternalEtcd } from './etcd.ts';
import type { FailureDomain } from './pool.ts';
import type { ClusterSpec } from './spec.ts';

export type ClusterStatus = 'CREATING' | 'RUNNING' | 'UPDATING' | 'DELETING' | 'WARNING' | 'ERROR';

/** The control-plane node that runs `kubeadm init`. A dead leader is replaced by one with the next epoch. */
export interface Leader {
  hostname: string;
  ip: string;
  epoch: number;
  ready: boolean;
}

/** Who works on a cluster: the ARN of a workflow execution. */
export interface Lock {
  execution: string;
  since: string;
}

/** A cluster's record (META). Times are ISO 8601 in UTC. */
export interface Cluster {
  id: number;
  organization: number;
  name: string;
  spec: ClusterSpec;
  /** Raised by every change of the spec. */
  generation: number;
  status: ClusterStatus;
  statusMessage: string;
  /** The id of the vCenter connection's secret, and of the SSH key's. */
  connectionId: string;
  /** Ids of the further connections that failure domains name, by the id or name that they give. */
  connections?: Record<string, string>;
  sshSecretId?: string;
  /** The account of the cloud provider and the storage driver, where it is not the connection's. */
  storageSecretId?: string;
  /** When that account, or the connection, was changed since the cluster was told of it: it is told at the next run. */
  accountChangedAt?: string;
  /** The URL of the datastore that volumes of its default storage class lie on, once it is known; empty where there is none. */
  datastoreUrl?: string;
  /** Those of the proxies' passwords. */
  proxySecretIds?: { http?: string; https?: string };
  /** Where etcd is elsewhere than on the control-plane nodes. */
  etcd?: ExternalEtcd;
  leader?: Leader;
  lastEpoch: number;
  lock?: Lock;
  /** How the add-ons are that a control-plane node has told of, by name. Clusters from before there were any have none. */
  addons?: AddonStates;
  /** Clusters of a vCenter that have an anti-affinity rule of ours for the control plane. */
  antiAffinity?: { connectionId: string; compute: string }[];
  /** Serials given to nodes so far. */
  serials: number;
  createdAt: string;
  createdBy: string;
  /** From when on the cluster is to go: what fails of that is tried again, and nothing else is done to it. */
  deletionRequestedAt?: string;
  /** Failed runs since the last success, and when the scale check may try again. */
  failures: number;
  retryAt?: string;
}

/** Every vCenter connection that a cluster is on. */
export function connectionsOf(cluster: Pick<Cluster, 'connectionId' | 'connections'>): string[] {
  return [...new Set([cluster.connectionId, ...Object.values(cluster.connections ?? {})])];
}

/** Every secret of users that a cluster needs. */
export function secretsOf(
  cluster: Pick<
    Cluster,
    'connectionId' | 'connections' | 'sshSecretId' | 'proxySecretIds' | 'storageSecretId' | 'etcd'
  >,
): string[] {
  const { sshSecretId, proxySecretIds, storageSecretId, etcd } = cluster;
  return [
    ...connectionsOf(cluster),
    sshSecretId,
    storageSecretId,
    proxySecretIds?.http,
    proxySecretIds?.https,
    etcd?.secretId,
  ].filter((id) => id !== undefined);
}

/** Whether a cluster is told an account of its vCenter. */
export function hasAccount({ spec }: Pick<Cluster, 'spec'>): boolean {
  return usesVSphere(spec);
}

/** Whether a cluster is told what is in a secret: the account, and how its vCenter is reached and trusted. */
export function tellsAccount(
  cluster: Pick<Cluster, 'spec' | 'connectionId' | 'connections' | 'storageSecretId'>,
  secretId: string,
): boolean {
  return hasAccount(cluster) && [...connectionsOf(cluster), cluster.storageSecretId].includes(secretId);
}

/** The connection that a failure domain is on: the cluster's, where it names none. */
export function connectionOf(
  cluster: Pick<Cluster, 'connectionId' | 'connections'>,
  domain: Pick<FailureDomain, 'secretId' | 'secretName'> | undefined,
): string {
  const named = domain?.secretId ?? domain?.secretName;
  return (named && cluster.connections?.[named]) || cluster.connectionId;
}

/** Where a cluster's control plane has its etcd. */
export function controlPlaneOf({ etcd }: Pick<Cluster, 'etcd'>): 'stacked' | 'external' {
  return etcd ? 'external' : 'stacked';
}

/** A cluster whose control plane has come up once: it has a leader that was ready. */
export function isInitialized(cluster: Pick<Cluster, 'leader'>): boolean {
  return cluster.leader?.ready === true;
}
