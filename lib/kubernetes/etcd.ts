import type { KubernetesApi } from './api.ts';

interface Member {
  ID: string;
  name?: string;
}

/**
 * Removes a member from etcd, through the JSON gateway of another (etcd v3, /v3/cluster/member/…). One that is gone counts as
 * removed.
 * @returns whether it was there
 */
export async function removeEtcdMember(etcd: KubernetesApi, name: string): Promise<boolean> {
  const { data } = await etcd.request('POST', '/v3/cluster/member/list', {});
  const member = ((data.members ?? []) as Member[]).find((each) => each.name === name);
  if (!member) return false;
  await etcd.request('POST', '/v3/cluster/member/remove', { ID: member.ID });
  return true;
}
