import type { NodeRole } from './pool.ts';

/**
 * Where a node is in its life.
 *
 * planned → cloning (the clone was asked for) → booting (its VM has an address) → ready;
 * failed (it gave up, or its time was over), lost (its VM is gone or off), removing (chosen to go).
 */
export type NodeStatus = 'planned' | 'cloning' | 'booting' | 'ready' | 'failed' | 'lost' | 'removing';

/** A node's record: one VM of a cluster. Times are ISO 8601 in UTC. */
export interface Node {
  clusterId: number;
  name: string;
  pool: string;
  role: NodeRole;
  ordinal: number;
  /** Its failure domain, where its pool has some. */
  placement?: string;
  /** Never used twice in a cluster, so that a replacement of the same name has another instance UUID. */
  serial: number;
  instanceUuid: string;
  status: NodeStatus;
  /** The wave that launches it. */
  wave: string;
  /** The connection of the vCenter that it is on. */
  connectionId: string;
  /** When its VM was first asked for. */
  askedAt?: string;
  /** Managed object id of the VM, once it is cloned, and of its clone task. */
  vm?: string;
  task?: string;
  /** The vCenter cluster (ClusterComputeResource) that the VM is in. */
  compute?: string;
  address?: string;
  /** The one that it is told to have, where its pool gives addresses; `address` is what it was seen to have. */
  reservedAddress?: string;
  /** What it reported last. */
  phase?: string;
  message?: string;
  processId?: string;
  createdAt: string;
  /** When it first said that it is ready: from then on it is a member of the cluster (and of etcd, if a master). */
  readyAt?: string;
  /** When its VM was found off and was switched on. */
  poweredOnAt?: string;
  /** Addresses of the etcd cluster's members that its API server was told, where that is elsewhere. */
  etcdAddresses?: string[];
  /** When its bootstrap token was handed out. */
  bootstrappedAt?: string;
}

/** Statuses of a node whose launch has not ended. */
export const LAUNCHING: readonly NodeStatus[] = ['planned', 'cloning', 'booting'];
/** Statuses of a node that can only be removed. */
export const DEAD: readonly NodeStatus[] = ['failed', 'lost', 'removing'];
