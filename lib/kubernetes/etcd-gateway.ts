import { type Access, KubernetesApi } from './api.ts';
import { KubernetesError } from './errors.ts';
import type { EtcdStore } from './etcd-store.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/**
 * Signs in to a member of etcd as root, over its JSON gateway: that one knows nobody by certificate.
 * https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 * @throws KubernetesUnreachable, KubernetesDenied
 */
export async function signInToEtcd(access: Access, password: string): Promise<KubernetesApi> {
  const { data, status } = await new KubernetesApi(access).request(
    'POST',
    '/v3/auth/authenticate',
    { name: 'root', password },
    [400],
  );
  if (status === 400) throw new KubernetesError('KubernetesDenied', `${access.server}: ${data?.message}`, status);
  return new KubernetesApi({ ...access, authorization: data.token });
}

/** An etcd whose users, roles and keys root looks after. */
export class EtcdGateway implements EtcdStore {
  readonly #api: KubernetesApi;

  constructor(api: KubernetesApi) {
    this.#api = api;
  }

  async countKeys(key: string, end: string): Promise<number> {
    const { data } = await this.#api.request('POST', '/v3/kv/range', {
      key: base64(key),
      range_end: base64(end),
      count_only: true,
    });
    return Number(data.count ?? 0);
  }

  async deleteKeys(key: string, end: string): Promise<number> {
    const { data } = await this.#api.request('POST', '/v3/kv/deleterange', {
      key: base64(key),
      range_end: base64(end),
    });
    return Number(data.deleted ?? 0);
  }

  /**
   * Makes a user that certificates with its name speak for (it has no password), with a role of its own that may read and
   * write one range of keys, and read some more keys. What is there already stays.
   */
  async allow(user: string, range: { key: string; end: string }, readable: readonly string[]): Promise<void> {
    await this.#unless('already exists', '/v3/auth/role/add', { name: user });
    const grant = (perm: object) => this.#api.request('POST', '/v3/auth/role/grant', { name: user, perm });
    await grant({ permType: 'READWRITE', key: base64(range.key), range_end: base64(range.end) });
    for (const key of readable) await grant({ permType: 'READ', key: base64(key) });
    await this.#unless('already exists', '/v3/auth/user/add', { name: user, options: { no_password: true } });
    await this.#api.request('POST', '/v3/auth/user/grant', { user, role: user });
  }

  /** Takes a user and its role away; what is gone already counts as taken. */
  async forbid(user: string): Promise<void> {
    await this.#unless('not found', '/v3/auth/user/delete', { name: user });
    await this.#unless('not found', '/v3/auth/role/delete', { role: user });
  }

  /** A request whose effect may be there already: etcd says so with the status 400. */
  async #unless(done: string, path: string, body: object): Promise<void> {
    const { status, data } = await this.#api.request('POST', path, body, [400]);
    if (status !== 400 || String(data?.message).includes(done)) return;
    throw new KubernetesError('KubernetesRefused', `POST ${path}: ${data?.message}`, status);
  }
}
