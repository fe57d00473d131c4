import type { KubernetesApi } from './api.ts';

/**
 * Makes an object, or brings it to what is given, by server-side apply: one request, by name, so that a right can be for that
 * one object alone. What others have set of it, and is not given, stays.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export async function applyObject(api: KubernetesApi, path: string, object: object): Promise<void> {
  const how = 'fieldManager=slipway-control-plane&force=true';
  await api.request('PATCH', `${path}?${how}`, object, [], 'application/apply-patch+yaml');
}
