import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Objects } from './objects.ts';

type Tls = { cert: string; key: string; ca: string };
interface Answer {
  status: number;
  body: unknown;
}

/** Groups, and the paths that they may use. */
const ALLOWED: Record<string, RegExp> = {
  'system:masters': /./,
  'slipway:admin': /./,
  'slipway:edit': /^\/api\/v1\/(pods|namespaces\/)/,
  'slipway:view': /^\/api\/v1\/pods/,
  'slipway:bootstrap-tokens': /^\/api\/v1\/namespaces\/kube-system\/secrets/,
  'slipway:drain-node': /^\/api\/v1\/(nodes\/|pods|namespaces\/[^/]+\/pods\/)/,
  'slipway:read-addons': /^\/api\/v1\/namespaces\/kube-system\/configmaps\/slipway-addons$/,
  'slipway:storage-account':
    /^\/api\/v1\/namespaces\/(kube-system|vmware-system-csi)\/(secrets|configmaps)\/vsphere-[^/]+$|\/storageclasses\/slipway$/,
  'system:bootstrappers': /^\/api\/v1\/nodes$/,
};
const ANONYMOUS = /^\/(healthz|readyz|livez|version|api\/v1\/namespaces\/kube-public\/configmaps\/cluster-info)$/;

const refusal = (code: number, message: string): Answer => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code },
});

/** Starts what a leader's API server is to Slipway's own client: nodes, bootstrap token secrets, pods and their eviction, and what it applies by name. */
export function startApiServer(address: string, tls: Tls, objects: Objects): void {
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, async (request, response) => {
    const { status, body } = await answer(request, tls.ca, objects);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(6443, address);
}

async function answer(request: IncomingMessage, ca: string, objects: Objects): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'https://api');
  if (ANONYMOUS.test(pathname))
    return { status: 200, body: pathname.endsWith('cluster-info') ? { data: { ca } } : { gitVersion: 'v1.36.1' } };
  const groups = groupsOf(request, objects);
  if (groups.length === 0) return refusal(401, 'Unauthorized');
  if (!groups.some((group) => ALLOWED[group]?.test(pathname)))
    return refusal(403, `${groups.join(', ')} may not use ${pathname}`);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const applied = request.headers['content-type'] === 'application/apply-patch+yaml';
  return route(applied ? 'APPLY' : String(request.method), pathname, text ? JSON.parse(text) : undefined, objects);
}

/** A client certificate's organizations, or the bootstrappers where a token is known. */
function groupsOf(request: IncomingMessage, objects: Objects): string[] {
  const socket = request.socket as TLSSocket;
  if (socket.authorized) return [socket.getPeerCertificate().subject?.O ?? []].flat();
  const [, id, secret] = /^Bearer ([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(request.headers.authorization ?? '') ?? [];
  const known = id && (objects.get('secrets', `bootstrap-token-${id}`) as { data: Record<string, string> } | undefined);
  if (!known || known.data['token-secret'] !== Buffer.from(String(secret)).toString('base64')) return [];
  const expires = Buffer.from(String(known.data.expiration), 'base64').toString();
  return Date.parse(expires) > Date.now() ? ['system:bootstrappers'] : [];
}

function route(
  method: string,
  pathname: string,
  body: { metadata?: { name?: string } } | undefined,
  objects: Objects,
): Answer {
  if (pathname === '/api/v1/pods') return { status: 200, body: { kind: 'PodList', items: [] } };
  const [, kind, name] =
    /^\/api\/v1\/(?:namespaces\/[^/]+\/)?(nodes|secrets|configmaps|storageclasses)(?:\/([^/]+))?$/.exec(
      pathname.replace('/apis/storage.k8s.io/', '/api/'),
    ) ?? [];
  if (!kind) return refusal(404, `there is no ${pathname}`);
  if (!name) {
    if (method === 'GET') return { status: 200, body: { items: objects.list(kind) } };
    const made = String(body?.metadata?.name);
    if (objects.get(kind, made)) return refusal(409, `${kind} "${made}" already exists`);
    objects.put(kind, made, body);
    return { status: 201, body };
  }
  if (method === 'APPLY') objects.put(kind, name, body);
  const found = objects.get(kind, name);
  if (!found) return refusal(404, `${kind} "${name}" not found`);
  if (method === 'DELETE') objects.delete(kind, name);
  if (method === 'PATCH') objects.put(kind, name, { ...found, ...body });
  return { status: 200, body: objects.get(kind, name) ?? {} };
}

/** Starts what a member's etcd is to Slipway's own client: the list of members and the removal of one. */
export function startEtcd(address: string, tls: Tls, objects: Objects): void {
  const authority = new X509Certificate(tls.ca).publicKey;
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, async (request, response) => {
    // Node's own check takes no authority without its root.
    if (!(request.socket as TLSSocket).getPeerX509Certificate()?.verify(authority)) return request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { ID } = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    if (request.url?.endsWith('/remove')) objects.delete('members', String(ID));
    response.writeHead(200).end(JSON.stringify({ members: objects.list('members') }));
  });
  server.listen(2379, address);
}
