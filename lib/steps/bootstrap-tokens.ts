import { isInitialized } from '../cluster/cluster.ts';
import { isEtcdCluster } from '../cluster/etcd.ts';
import { LAUNCHING, type Node } from '../cluster/node.ts';
import { onKubernetes } from '../connector/kubernetes.ts';
import { createBootstrapTokens as createOperation } from '../operations/create-bootstrap-tokens.ts';
import { deleteBootstrapTokens as deleteOperation } from '../operations/delete-bootstrap-tokens.ts';
import { parse } from '../parse.ts';
import { deriveBootstrapToken } from '../pki/index.ts';
import { type ClusterKeys, readClusterKeys } from '../store/cluster-keys.ts';
import { getCluster } from '../store/clusters.ts';
import { recordEvent } from '../store/events.ts';
import { listNodes } from '../store/nodes.ts';
import { markTokensIssued } from '../store/waves.ts';
import { checkLock } from './hold-lock.ts';
import { onWave } from './step-input.ts';

/** Seconds that a bootstrap token lives, should nobody delete it before: some, and more for each VM that is yet to be cloned. */
const TOKEN_SECONDS = 1800;
const TOKEN_SECONDS_A_NODE = 120;
const MOST_TOKEN_SECONDS = 43_200;

/** A node's bootstrap token: the same whenever it is asked for, so it need not be stored. Another node has another. */
export function bootstrapTokenOf(keys: ClusterKeys, node: Pick<Node, 'instanceUuid'>) {
  return deriveBootstrapToken(keys.bootstrapSeed, node.instanceUuid);
}

/** Creates, in the cluster, one bootstrap token for each node of a wave that has yet to join. Members of etcd need none. */
export async function createBootstrapTokens(value: unknown): Promise<{ created: number }> {
  const { clusterId, owner, wave } = parse(onWave, value, 'input');
  const cluster = await getCluster(clusterId);
  checkLock(cluster, owner);
  const [nodes, keys] = await Promise.all([listNodes(clusterId), readClusterKeys(clusterId)]);
  const joining = nodes.filter((node) => node.wave === wave && LAUNCHING.includes(node.status));
  if (joining.length > 0 && !isEtcdCluster(cluster)) {
    const lifetime = Math.min(MOST_TOKEN_SECONDS, TOKEN_SECONDS + TOKEN_SECONDS_A_NODE * joining.length);
    await onKubernetes(cluster, nodes, 'slipway:bootstrap-tokens', createOperation, {
      tokens: joining.map((node) => bootstrapTokenOf(keys, node)),
      expiresAt: new Date(Date.now() + lifetime * 1000).toISOString(),
    });
  }
  await markTokensIssued(clusterId, wave);
  if (isEtcdCluster(cluster)) return { created: 0 };
  await recordEvent(clusterId, { type: 'BootstrapTokensCreated', message: `${joining.length} nodes may join` });
  return { created: joining.length };
}

/** Deletes the bootstrap tokens of a wave, whether its nodes used them or not. */
export async function deleteBootstrapTokens(value: unknown): Promise<Record<string, never>> {
  const { clusterId, wave } = parse(onWave, value, 'input');
  const cluster = await getCluster(clusterId);
  if (!isInitialized(cluster) || isEtcdCluster(cluster)) return {};
  const [nodes, keys] = await Promise.all([listNodes(clusterId), readClusterKeys(clusterId)]);
  const ids = nodes.filter((node) => node.wave === wave).map((node) => bootstrapTokenOf(keys, node).id);
  await onKubernetes(cluster, nodes, 'slipway:bootstrap-tokens', deleteOperation, { ids });
  return {};
}
