import type { Caller } from '../auth/authenticate.ts';
import { joinAddressOf } from '../cluster/endpoint.ts';
import { LAUNCHING } from '../cluster/node.ts';
import { SlipwayError } from '../errors.ts';
import { caCertHash } from '../pki/index.ts';
import { bootstrapTokenOf } from '../steps/bootstrap-tokens.ts';
import { readClusterKeys } from '../store/cluster-keys.ts';
import { recordEvent } from '../store/events.ts';
import { handOut } from '../store/nodes.ts';
import { findWave } from '../store/waves.ts';
import { nodeOf } from './node-of.ts';

/** Seconds after which a node that came too early should ask again. */
const RETRY_SECONDS = 1;

/**
 * Hands a node its own bootstrap token, once; again within a minute, since an answer may be lost.
 * @throws NotYet (503, with retryAfter) until the token exists in the cluster; TokenUsed (410) a minute after it was handed out
 */
export async function bootstrapNode(caller: Caller, organization: number, clusterId: number) {
  const { cluster, node } = await nodeOf(caller, organization, clusterId);
  const masterAddress = joinAddressOf(cluster);
  const wave = await findWave(clusterId, node.wave);
  if (!LAUNCHING.includes(node.status)) {
    throw new SlipwayError('TokenUsed', `Node ${node.name} is ${node.status}: it gets no bootstrap token.`, 410);
  }
  if (!masterAddress || !wave?.tokensIssued) {
    throw new SlipwayError('NotYet', `Node ${node.name} can not join yet.`, 503, { retryAfter: RETRY_SECONDS });
  }
  const keys = await readClusterKeys(clusterId);
  if (!(await handOut(clusterId, node.name))) {
    throw new SlipwayError(
      'TokenUsed',
      `Node ${node.name} was given its bootstrap token more than a minute ago: it is handed out once.`,
      410,
    );
  }
  await recordEvent(clusterId, {
    type: 'NodeJoining',
    node: node.name,
    message: `${node.name} joins at ${masterAddress}`,
  });
  // A member of etcd signs in with what it fetched with the certificates.
  if (node.role === 'etcd') return { masterAddress };
  const { id, secret } = bootstrapTokenOf(keys, node);
  return {
    token: `${id}.${secret}`,
    discoveryTokenCaCertHash: caCertHash(keys.certificates.kubernetesCaSigningCert),
    masterAddress,
  };
}
