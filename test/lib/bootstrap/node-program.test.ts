import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type NodeDescription, renderUserData } from '../../../lib/bootstrap/index.ts';

/** What the API answers: a status with a body, or none (the connection is cut after it was heard). */
type Answer = { status: number; body?: object; headers?: Record<string, string> } | 'cut';
type Route = (body: Record<string, unknown>, time: number) => Answer;

const ok = (body: object = {}): Answer => ({ status: 200, body });
const CERTIFICATES = Object.fromEntries(
  [
    'kubernetesCaCert',
    'kubernetesCaKey',
    'kubernetesCaSigningCert',
    'etcdCaCert',
    'etcdCaKey',
    'frontProxyCaCert',
    'frontProxyCaKey',
    'saPub',
    'saKey',
    'enc',
  ].map((name) => [name, `-----BEGIN ${name}-----\nsecret of ${name}\n`]),
);
const TOKEN = 'abcdef.0123456789abcdef';

let directory: string;
let server: Server;
let calls: string[];
let statuses: Record<string, unknown>[];

/** Routes of an API on which this node leads; each can be replaced. */
const leads: Record<string, Route> = {
  'POST pke/status': () => ok({ processId: 'p-1' }),
  'GET secrets': () => ok({ values: CERTIFICATES }),
  'POST pke/leader': () => ({ status: 201, body: {} }),
  'GET pke/ready': () => ok({ ready: true }),
  'POST pke/ready': () => ok(),
  'GET bootstrap': () => ok({ token: TOKEN, masterAddress: '10.0.0.1:6443', discoveryTokenCaCertHash: 'sha256:00' }),
};
/** Another node leads. */
const follows = {
  ...leads,
  'POST pke/leader': (): Answer => ({ status: 409, body: { hostname: 'other', ip: '10.0.0.1' } }),
};

async function serve(routes: Record<string, Route>): Promise<string> {
  const times: Record<string, number> = {};
  server = createServer(async (request: IncomingMessage, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const path = new URL(request.url ?? '/', 'http://x').pathname.replace(/^\/api\/v1\/orgs\/1\/(clusters\/7\/)?/, '');
    const key = `${request.method} ${path}`;
    calls.push(key);
    const body = text ? JSON.parse(text) : {};
    if (key === 'POST pke/status') statuses.push(body);
    times[key] = (times[key] ?? 0) + 1;
    const answer =
      request.headers.authorization === 'Bearer the-node-token'
        ? (routes[key]?.(body, times[key]) ?? { status: 404, body: { error: 'NotFound', message: `no ${key}` } })
        : { status: 401, body: { error: 'Unauthenticated', message: 'no token' } };
    if (answer === 'cut') return request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const path = (...parts: string[]) => join(directory, 'root', ...parts);

/** Stands in for a tool: notes how it was called, and does what is given. */
function tool(name: string, does = ''): void {
  const file = join(directory, 'bin', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>"${directory}/tools.log"\n${does}\n`);
  chmodSync(file, 0o755);
}
const used = () =>
  existsSync(join(directory, 'tools.log')) ? readFileSync(join(directory, 'tools.log'), 'utf8').trim().split('\n') : [];

/** Writes what cloud-init would, and runs the program. @returns its exit code */
async function boot(apiUrl: string, role: 'master' | 'worker', environment = {}): Promise<number> {
  const description: NodeDescription = {
    node: { name: `demo-${role}s-01`, pool: `${role}s`, role, labels: {} },
    cluster: {
      id: 7,
      organization: 1,
      name: 'demo',
      kubernetesVersion: '1.36.1',
      serviceCIDR: '10.96.0.0/12',
      podCIDR: '10.244.0.0/16',
    },
    apiUrl,
    token: 'the-node-token',
    ssh: { user: 'ops', keys: [] },
  };
  for (const file of parse(renderUserData(description)).write_files) {
    mkdirSync(dirname(path(file.path)), { recursive: true });
    writeFileSync(path(file.path), file.content, { mode: Number.parseInt(file.permissions, 8) });
  }
  const env = {
    PATH: `${join(directory, 'bin')}:/usr/bin:/bin`,
    SLIPWAY_ROOT: path(),
    POLL_MAX: '1',
    ATTEMPTS: '3',
    ...environment,
  };
  const [code] = await once(spawn('sh', [path('var/lib/slipway/node-program.sh')], { env, stdio: 'ignore' }), 'exit');
  return code as number;
}

const log = () => readFileSync(path('var/log/slipway.log'), 'utf8');
const last = () => statuses.at(-1) as Record<string, unknown>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-node-'));
  [calls, statuses] = [[], []];
  tool('hostname', 'echo "10.0.0.9 "');
  tool('systemctl');
  tool('kubectl');
  tool(
    'kubeadm',
    `case $1 in init) echo made >"${path('etc/kubernetes/admin.conf')}" ;; esac
echo made >"${path('etc/kubernetes/kubelet.conf')}"
[ "$2" = --config ] && cp "$3" "${directory}/kubeadm-$1.yaml"`,
  );
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

test('a leader fetches the authorities, initializes, and says that it is ready', async () => {
  expect(await boot(await serve(leads), 'master')).toBe(0);
  expect(calls.filter((call) => call !== 'POST pke/status')).toEqual([
    'GET secrets',
    'POST pke/leader',
    'POST pke/ready',
  ]);
  expect(used().filter((line) => /^kube/.test(line))).toEqual([
    expect.stringMatching(/^kubeadm init --config /),
    expect.stringMatching(/^kubectl .* apply -f .*rbac\.yaml/),
  ]);
  expect(statuses.map(({ phase }) => phase)).toEqual(['prepare', 'certificates', 'init', 'rbac']);
  expect(statuses.slice(1).every(({ processId }) => processId === 'p-1')).toBe(true);
  const [init, cluster] = readFileSync(join(directory, 'kubeadm-init.yaml'), 'utf8')
    .split('---')
    .map((text) => parse(text));
  expect(init).toMatchObject({
    kind: 'InitConfiguration',
    nodeRegistration: { name: 'demo-masters-01' },
    bootstrapTokens: [{ ttl: '1s' }],
  });
  expect(cluster).toMatchObject({
    kind: 'ClusterConfiguration',
    kubernetesVersion: 'v1.36.1',
    controlPlaneEndpoint: '10.0.0.9:6443',
    controllerManager: {
      extraArgs: [{ name: 'cluster-signing-cert-file', value: path('etc/kubernetes/pki/cm-signing-ca.crt') }],
    },
  });
});

test('its keys are files that only root reads, whole, and no secret is in its log', async () => {
  await boot(await serve(leads), 'master');
  const pki = path('etc/kubernetes/pki');
  const files = readdirSync(pki, { recursive: true })
    .map(String)
    .filter((file) => statSync(join(pki, file)).isFile());
  expect(files.sort()).toEqual([
    'ca.crt',
    'ca.key',
    'cm-signing-ca.crt',
    'etcd/ca.crt',
    'etcd/ca.key',
    'front-proxy-ca.crt',
    'front-proxy-ca.key',
    'sa.key',
    'sa.pub',
  ]);
  for (const file of files) expect(statSync(join(pki, file)).mode & 0o777, file).toBe(0o600);
  expect(readFileSync(join(pki, 'ca.key'), 'utf8')).toBe(CERTIFICATES.kubernetesCaKey);
  expect(statSync(path('etc/slipway/authorization')).mode & 0o777).toBe(0o600);
  expect(log()).not.toMatch(/the-node-token|secret of|abcdef\.0123/);
  expect(
    readdirSync(path('run/slipway'))
      .map((file) => readFileSync(path('run/slipway', file), 'utf8'))
      .join(),
  ).not.toContain('secret of');
});

test('a node whose answer was lost when it became the leader leads', async () => {
  const routes = {
    ...leads,
    'POST pke/leader': (body: Record<string, unknown>, time: number): Answer =>
      time === 1 ? 'cut' : { status: 409, body: { hostname: body.hostname, ip: body.ip } },
  };
  expect(await boot(await serve(routes), 'master')).toBe(0);
  expect(used().some((line) => line.startsWith('kubeadm init'))).toBe(true);
});

test('a follower waits for the leader, waits for its bootstrap token, joins the control plane, and forgets the token', async () => {
  const routes = {
    ...follows,
    'GET pke/ready': (_: object, time: number): Answer => ok({ ready: time > 1 }),
    'GET bootstrap': (body: Record<string, unknown>, time: number): Answer =>
      time === 1
        ? { status: 503, headers: { 'Retry-After': '1' }, body: { error: 'NotYet' } }
        : (leads['GET bootstrap'] as Route)(body, time),
  };
  expect(await boot(await serve(routes), 'master')).toBe(0);
  expect(calls.filter((call) => call === 'GET bootstrap')).toHaveLength(2);
  const join_ = parse(readFileSync(join(directory, 'kubeadm-join.yaml'), 'utf8'));
  expect(join_).toMatchObject({
    kind: 'JoinConfiguration',
    discovery: { bootstrapToken: { token: TOKEN, apiServerEndpoint: '10.0.0.1:6443', caCertHashes: ['sha256:00'] } },
    controlPlane: { localAPIEndpoint: { advertiseAddress: '10.0.0.9' } },
  });
  expect(existsSync(path('etc/kubernetes/kubeadm.yaml'))).toBe(false);
  expect(log()).not.toContain(TOKEN);
  expect(used().some((line) => line.includes(TOKEN))).toBe(false);
});

test('where the leader is gone, a follower that is asked to lead does', async () => {
  const routes = {
    ...leads,
    'POST pke/leader': (_: object, time: number): Answer =>
      time === 1 ? { status: 409, body: { hostname: 'other', ip: '10.0.0.1' } } : { status: 201 },
    'GET pke/ready': (): Answer => ok({ ready: false }),
  };
  expect(await boot(await serve(routes), 'master')).toBe(0);
  expect(used().some((line) => line.startsWith('kubeadm init'))).toBe(true);
});

test('a worker never asks for the authorities, nor to lead', async () => {
  expect(await boot(await serve(follows), 'worker')).toBe(0);
  expect(calls).not.toContain('GET secrets');
  expect(calls).not.toContain('POST pke/leader');
  expect(parse(readFileSync(join(directory, 'kubeadm-join.yaml'), 'utf8')).controlPlane).toBeUndefined();
});

test('what the API refuses is its last word, told as failed', async () => {
  const refused: Answer = { status: 403, body: { error: 'Forbidden', message: 'this node is ready already' } };
  expect(await boot(await serve({ ...leads, 'GET secrets': () => refused }), 'master')).toBe(1);
  expect(last()).toMatchObject({
    status: 'failed',
    final: true,
    phase: 'certificates',
    message: expect.stringMatching(/refused: HTTP 403: this node is ready already/),
  });
  expect(used().some((line) => line.startsWith('kubeadm'))).toBe(false);
});

test('an API that does not answer is asked again, then given up', async () => {
  const url = await serve({ ...leads, 'GET secrets': () => ({ status: 502 }) });
  expect(await boot(url, 'master')).toBe(1);
  expect(calls.filter((call) => call === 'GET secrets')).toHaveLength(3);
  expect(last()).toMatchObject({ status: 'failed', final: true });
});

test('an image that lacks something says what', async () => {
  rmSync(join(directory, 'bin', 'kubeadm'));
  expect(await boot(await serve(leads), 'master')).toBe(1);
  expect(last()).toMatchObject({
    status: 'failed',
    final: true,
    message: expect.stringContaining('the image lacks: kubeadm'),
  });
});

test('where kubeadm fails, the node says so and where to look', async () => {
  tool('kubeadm', 'exit 1');
  expect(await boot(await serve(leads), 'master')).toBe(1);
  expect(last()).toMatchObject({
    status: 'failed',
    final: true,
    phase: 'init',
    message: expect.stringContaining('/var/log/slipway.log'),
  });
});

test('run again, it does nothing twice and says again that it is ready', async () => {
  const url = await serve(leads);
  expect(await boot(url, 'master')).toBe(0);
  expect(await boot(url, 'master')).toBe(0);
  expect(used().filter((line) => line.startsWith('kubeadm'))).toHaveLength(1);
  expect(calls.filter((call) => call === 'GET secrets')).toHaveLength(1);
  expect(calls.filter((call) => call === 'POST pke/ready')).toHaveLength(2);
});
