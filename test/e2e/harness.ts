import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { PLAIN_KUBERNETES } from '../../local/plain-kubernetes.ts';

export const cloud = inject('cloud');

/** An answer of the API. */
export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
}

/** Calls the API, below /api/v1/orgs/1 unless the path says otherwise. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect
export async function api<T = any>(
  method: string,
  path: string,
  body?: unknown,
  token: string | null = cloud.token,
): Promise<Answer<T>> {
  const answer = await fetch(`${cloud.api}${path.startsWith('/api') ? path : `/api/v1/orgs/1${path}`}`, {
    method,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

export const pool = (name: string, role: string, size: number, more = {}) => ({
  name,
  roles: [role],
  size,
  vcpu: 2,
  ram: 2048,
  ...more,
});
/** A cluster of stand-ins, with no add-ons unless `more` asks for them. */
export const description = (
  name: string,
  masters: number,
  workers: number,
  more: { kubernetes?: object; [field: string]: unknown } = {},
) => ({
  name,
  secretName: 'vcenter',
  nodepools: [pool('masters', 'master', masters), pool('workers', 'worker', workers)],
  ...more,
  kubernetes: { ...PLAIN_KUBERNETES, ...more.kubernetes },
});

/** Registers the simulator as the connection `vcenter`, once. */
export async function registerConnection(name = 'vcenter', values = {}): Promise<string> {
  const { body } = await api('POST', '/secrets', {
    name,
    type: 'vsphere',
    values: { ...cloud.vcenter, defaultNodeTemplate: 'ubuntu-24.04', ...values },
  });
  if (body.id) return body.id;
  const { body: all } = await api('GET', '/secrets?type=vsphere');
  return all.find((secret: { name: string }) => secret.name === name).id;
}

/** Asks until the answer is as wanted, for a minute and a half. @throws Error with the last answer */
export async function until<T>(ask: () => Promise<T>, wanted: (value: T) => boolean, seconds = 90): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    if (Date.now() > end) throw new Error(`not as wanted in ${seconds} s: ${JSON.stringify(value).slice(0, 2000)}`);
    await sleep(200);
  }
}

/** Waits until a cluster has ended what it was doing. */
export async function settled(id: number, seconds?: number) {
  const { body } = await until(
    () => api('GET', `/clusters/${id}`),
    ({ body: { status, execution } }) => ['RUNNING', 'WARNING', 'ERROR'].includes(status) && execution === null,
    seconds,
  );
  return body;
}

/** What the API tells of an event. */
export interface Event {
  type: string;
  node?: string;
  phase?: string;
  message: string;
}

/** The first events of a cluster, of one type if it is given. */
export async function events(id: number, type?: string): Promise<Event[]> {
  const { body } = await api('GET', `/clusters/${id}/events?limit=200`);
  return body.events.filter((event: Event) => !type || event.type === type);
}

export async function gone(id: number): Promise<void> {
  await until(
    () => api('GET', `/clusters/${id}`),
    ({ status, body }) => {
      if (body.status === 'ERROR') throw new Error(body.statusMessage);
      return status === 404;
    },
  );
}

/** The VMs that exist, but for templates. */
export async function vms(): Promise<{ name: string; instanceUuid: string; power: string }[]> {
  const all = (await (await fetch(`${cloud.control}/vms`)).json()) as {
    name: string;
    instanceUuid: string;
    power: string;
    template: boolean;
  }[];
  return all.filter(({ template }) => !template);
}

export async function control(method: string, path: string, body?: unknown) {
  const answer = await fetch(`${cloud.control}${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Record<string, number>;
}

/** Invokes the scale check, as its schedule would. */
export async function scaleCheck(): Promise<{ started: string[] }> {
  const path = '/2015-03-31/functions/slipway-local-scale-check/invocations';
  return (await (await fetch(`${cloud.awsEndpoint}${path}`, { method: 'POST', body: '{}', headers })).json()) as {
    started: string[];
  };
}

const headers = {
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${cloud.region}/lambda/aws4_request, SignedHeaders=host, Signature=0`,
};

/** One call of an AWS service that speaks JSON. */
export async function aws<T>(service: string, target: string, body: object): Promise<T> {
  const answer = await fetch(cloud.awsEndpoint, {
    method: 'POST',
    headers: {
      authorization: headers.authorization.replace('/lambda/', `/${service}/`),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
    },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
}

/** Creates a cluster and waits until it runs. */
export async function create(name: string, masters: number, workers: number): Promise<number> {
  const { body } = await api('POST', '/clusters', description(name, masters, workers));
  const cluster = await settled(body.id);
  if (cluster.status !== 'RUNNING') throw new Error(cluster.statusMessage);
  return body.id;
}

export async function remove(id: number): Promise<void> {
  await api('DELETE', `/clusters/${id}`);
  await gone(id);
}

/** A client of a cluster's API server, by its kubeconfig. */
export async function adminOf(id: number): Promise<KubernetesApi> {
  const text = (data: string) => Buffer.from(data, 'base64').toString();
  const config = JSON.parse(text((await api('GET', `/clusters/${id}/config`)).body.config));
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  const { 'client-certificate-data': certificate, 'client-key-data': key } = config.users[0].user;
  return new KubernetesApi({ server, ca: text(ca), certificate: text(certificate), key: text(key) });
}
