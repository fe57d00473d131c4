import type { Caller } from '../auth/authenticate.ts';
import { requireNode } from '../auth/authenticate.ts';
import { LAUNCHING } from '../cluster/node.ts';
import { forbidden } from '../errors.ts';
import { readClusterKeys } from '../store/cluster-keys.ts';
import { nodeOf } from './node-of.ts';

/**
 * The certificate authorities of the caller's cluster, as one `pkecert` secret: for a control-plane node until it is ready.
 * A worker's token never gets them.
 *
 * @param tags the query's `tags`: `clusterID:<id>`
 * @throws Forbidden
 */
export async function clusterCertificates(caller: Caller, organization: number, tags: string | undefined) {
  const clusterId = Number(
    /^clusterID:([1-9]\d*)$/.exec(tags ?? '')?.[1] ?? requireNode(caller, organization).clusterId,
  );
  const { cluster, node } = await nodeOf(caller, organization, clusterId);
  if (node.role !== 'master') throw forbidden(`Node ${node.name} is a worker: it may not read the cluster's CA keys.`);
  if (!LAUNCHING.includes(node.status)) {
    throw forbidden(`Node ${node.name} is ${node.status}: it may not read the cluster's CA keys any more.`);
  }
  const { certificates } = await readClusterKeys(clusterId);
  const name = `cluster-${clusterId}-ca`;
  return [
    {
      id: name,
      name,
      type: 'pkecert',
      tags: [`clusterID:${clusterId}`, `cluster:${cluster.name}`],
      values: certificates,
    },
  ];
}
