import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesApi } from './api.ts';
import { KubernetesError } from './errors.ts';

interface Pod {
  metadata: {
    name: string;
    namespace: string;
    annotations?: Record<string, string>;
    ownerReferences?: { kind: string; controller?: boolean }[];
  };
  status?: { phase?: string };
}

const POLL_MS = 2000;
const node = (name: string) => `/api/v1/nodes/${name}`;

/** Keeps new pods off a node. @returns false where there is no such node */
export async function cordonNode(api: KubernetesApi, name: string): Promise<boolean> {
  return (await api.request('PATCH', node(name), { spec: { unschedulable: true } }, [404])).status !== 404;
}

/** Deletes a node's object; one that is gone counts as deleted. */
export async function deleteNodeObject(api: KubernetesApi, name: string): Promise<void> {
  await api.request('DELETE', node(name), undefined, [404]);
}

/** Pods that `kubectl drain` leaves: static ones, those of DaemonSets, and those that have ended. */
function stays({ metadata, status }: Pod): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  const mirror = metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  return mirror || owner?.kind === 'DaemonSet' || status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/**
 * Evicts a node's pods through the eviction API, which respects disruption budgets (429: asked again), and waits until they
 * are gone.
 * @throws KubernetesRefused naming the pods that remain when the time is over
 */
export async function evictPods(api: KubernetesApi, name: string, timeoutSeconds: number): Promise<void> {
  const until = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const { data } = await api.request('GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${name}`);
    const pods = (data.items as Pod[]).filter((pod) => !stays(pod));
    if (pods.length === 0) return;
    if (Date.now() > until) {
      const left = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      throw new KubernetesError(
        'KubernetesRefused',
        `Node ${name} could not be drained in ${timeoutSeconds} s: ${left.join(', ')} remain. A disruption budget may not allow it.`,
      );
    }
    for (const { metadata } of pods) {
      const eviction = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: metadata.name, namespace: metadata.namespace },
      };
      await api.request(
        'POST',
        `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/eviction`,
        eviction,
        [404, 429],
      );
    }
    await sleep(POLL_MS);
  }
}
