import type { KubernetesApi } from './api.ts';

interface Member {
  ID: string;
  /** One that was added and did not start yet has none. */
  name?: string;
  peerURLs?: string[];
}

const PEER_PORT = 2380;

/**
 * Removes a member from etcd, through the JSON gateway of another (etcd v3, /v3/cluster/member/…). One that is gone counts as
 * removed.
 * @param address that of its node: by it one is known that was added and never started
 * @returns whether it was there
 */
export async function removeEtcdMember(etcd: KubernetesApi, name: string, address?: string): Promise<boolean> {
  const { data } = await etcd.request('POST', '/v3/cluster/member/list', {});
  const member = ((data.members ?? []) as Member[]).find(
    (each) => each.name === name || (!each.name && each.peerURLs?.includes(`https://${address}:${PEER_PORT}`)),
  );
  if (!member) return false;
  await etcd.request('POST', '/v3/cluster/member/remove', { ID: member.ID });
  return true;
}
