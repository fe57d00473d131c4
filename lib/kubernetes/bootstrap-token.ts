import type { KubernetesApi } from './api.ts';

const SECRETS = '/api/v1/namespaces/kube-system/secrets';
const base64 = (text: string) => Buffer.from(text).toString('base64');

/**
 * Creates a bootstrap token as kubeadm does; one that is there already stays.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 * @param expiresAt ISO 8601
 */
export async function createBootstrapToken(
  api: KubernetesApi,
  token: { id: string; secret: string },
  expiresAt: string,
): Promise<void> {
  const data = {
    'token-id': token.id,
    'token-secret': token.secret,
    expiration: expiresAt.replace(/\.\d+Z$/, 'Z'),
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    description: 'Joins one node; made by Slipway',
  };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${token.id}`, namespace: 'kube-system' },
    data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, base64(value)])),
  };
  await api.request('POST', SECRETS, secret, [409]);
}

/** Deletes a bootstrap token; one that is gone counts as deleted. */
export async function deleteBootstrapToken(api: KubernetesApi, id: string): Promise<void> {
  await api.request('DELETE', `${SECRETS}/bootstrap-token-${id}`, undefined, [404]);
}
