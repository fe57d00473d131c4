import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type NodeDescription, renderUserData } from '../../../lib/bootstrap/index.ts';
import { describeNode } from '../../fixtures/describe-node.ts';
import { findShell, type Shell } from './shell.ts';

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
let shell: Shell;
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

/** What differs from a node of a cluster without an endpoint. */
type Special = Partial<
  Pick<NodeDescription['cluster'], 'endpoint' | 'virtualIp' | 'proxy' | 'packages' | 'keyAlgorithm' | 'oidc' | 'etcd'>
> & {
  runsWorkloads?: boolean;
  address?: string;
  pke?: { masters?: number; url?: string; sha256?: string };
};

/** Writes what cloud-init would, and runs the program. @returns its exit code */
async function boot(
  apiUrl: string,
  role: 'master' | 'worker',
  environment = {},
  { runsWorkloads = false, address, pke, ...special }: Special = {},
): Promise<number> {
  const networks = { serviceCIDR: '10.96.0.0/12', podCIDR: '10.244.0.0/16' };
  const installation = {
    ...{ apiUrl, organization: 1, clusterId: 7, clusterName: 'demo', kubernetesVersion: '1.23.17', ...networks },
    ...{ networkProvider: 'calico', endpoint: special.endpoint, masters: pke?.masters ?? 1 },
    pool: { name: `${role}s`, role, runsWorkloads },
  };
  const description = describeNode({
    node: { role, runsWorkloads, address },
    cluster: { ...networks, ...special },
    pke: pke && { ...pke, installation, vsphere: { server: 'vcenter.lab', port: 443 } },
    apiUrl,
  });
  for (const file of parse(renderUserData(description)).write_files) {
    mkdirSync(dirname(path(file.path)), { recursive: true });
    writeFileSync(path(file.path), file.content, { mode: Number.parseInt(file.permissions, 8) });
  }
  const env = {
    PATH: `${join(directory, 'bin')}:${shell.path}`,
    SLIPWAY_ROOT: path(),
    POLL_MAX: '1',
    ATTEMPTS: '3',
    ...environment,
  };
  const [program, ...args] = shell.command;
  // In a process group of its own, so that a stand-in can end all of it.
  const options = { env, stdio: 'ignore' as const, detached: true };
  const child = spawn(program, [...args, path('var/lib/slipway/node-program.sh')], options);
  const [code] = await once(child, 'exit');
  return code as number;
}

const log = () => readFileSync(path('var/log/slipway.log'), 'utf8');
const last = () => statuses.at(-1) as Record<string, unknown>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-node-'));
  shell = await findShell(process.env.NODE_SHELL ?? 'dash', directory);
  [calls, statuses] = [[], []];
  tool('hostname', 'echo "10.0.0.9 "');
  // What it waits is counted by the program, and need not pass.
  tool('sleep', 'exec /bin/sleep 0.01');
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

test('keys are of the kind that was asked for, and clients of other authorities are not let in', async () => {
  expect(await boot(await serve(leads), 'master', {}, { keyAlgorithm: 'rsa-4096' })).toBe(0);
  const cluster = parse(readFileSync(join(directory, 'kubeadm-init.yaml'), 'utf8').split('---')[1] ?? '');
  expect(cluster.encryptionAlgorithm).toBe('RSA-4096');
  const trusted = path('etc/kubernetes/pki/cm-signing-ca.crt');
  expect(cluster.apiServer.extraArgs).toContainEqual({ name: 'client-ca-file', value: trusted });
});

test('an issuer of users is an argument of the API server, and its authority where that finds it', async () => {
  const oidc = {
    issuerUrl: 'https://sso.lab',
    clientId: 'kubernetes',
    ca: 'the authority',
    ...{ usernameClaim: 'email', usernamePrefix: 'oidc:', groupsClaim: 'groups', groupsPrefix: 'oidc:', admins: [] },
  };
  expect(await boot(await serve(leads), 'master', {}, { oidc })).toBe(0);
  const { apiServer } = parse(readFileSync(join(directory, 'kubeadm-init.yaml'), 'utf8').split('---')[1] ?? '');
  expect(apiServer.extraArgs).toContainEqual({ name: 'oidc-issuer-url', value: 'https://sso.lab' });
  expect(readFileSync(path('etc/kubernetes/pki/oidc-ca.crt'), 'utf8')).toBe('the authority');
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

test('a node that was told its address takes that one, once it has it', async () => {
  tool(
    'hostname',
    `[ "$(grep -c hostname "${directory}/tools.log")" -lt 3 ] && echo '10.0.0.200 ' || echo '10.0.0.200 10.0.0.20 '`,
  );
  expect(await boot(await serve(follows), 'worker', {}, { address: '10.0.0.20' })).toBe(0);
  expect(statuses.map(({ ip }) => ip)).toEqual(statuses.map(() => '10.0.0.20'));
  expect(readFileSync(join(directory, 'kubeadm-join.yaml'), 'utf8')).toContain('value: "10.0.0.20"');
});

test('a node without the address that it was told says so, and does not join with another', async () => {
  tool('hostname', "echo '10.0.0.200 '");
  expect(await boot(await serve(follows), 'worker', {}, { address: '10.0.0.20' })).toBe(1);
  expect(last()).toMatchObject({
    final: true,
    ip: '10.0.0.200',
    message: expect.stringMatching(/does not have the address 10\.0\.0\.20 that it was told, but 10\.0\.0\.200/),
  });
  expect(used().some((line) => line.startsWith('kubeadm'))).toBe(false);
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

describe('an image that lacks something, with repositories', () => {
  const FINGERPRINT = 'A'.repeat(40);
  const packages = {
    kubernetes: { apt: 'http://mirror.lab/k/deb/', fingerprint: FINGERPRINT },
    containerd: { apt: 'http://mirror.lab/c', key: 'https://mirror.lab/c/gpg' },
  };
  const rpms = {
    kubernetes: { dnf: 'https://mirror.lab/k/rpm/' },
    containerd: { dnf: 'https://mirror.lab/c', key: 'https://mirror.lab/c/gpg' },
  };
  const made = ['containerd', 'kubelet', 'kubeadm', 'kubectl'];
  /** A package manager that puts the programs where they are looked for. */
  const manager = (name: string) =>
    tool(
      name,
      `case "$*" in *kubeadm*)
  for each in ${made.join(' ')}; do cp "${directory}/packages/$each" "${directory}/bin/$each"; done ;;
esac`,
    );
  const put = (file: string, text: string) => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  };

  beforeEach(() => {
    tool('kubelet');
    tool(
      'kubeadm',
      `case $1 in
  version) echo v1.36.1 ;;
  *) echo made >"${path('etc/kubernetes/kubelet.conf')}" ;;
esac`,
    );
    tool('containerd', "echo '    SystemdCgroup = false'");
    mkdirSync(join(directory, 'packages'));
    for (const name of made) renameSync(join(directory, 'bin', name), join(directory, 'packages', name));
    for (const name of ['modprobe', 'sysctl', 'swapoff', 'apt-mark']) tool(name);
    tool(
      'gpg',
      `case "$*" in
  *--show-keys*) echo 'fpr:::::::::${FINGERPRINT}:' ;;
  *--dearmor*) echo key >"$5" ;;
esac`,
    );
    tool(
      'curl',
      `for last; do :; done
case $last in
  *mirror.lab*) while [ "$1" != -o ]; do shift; done; echo key >"$2" ;;
  *) exec /usr/bin/curl "$@" ;;
esac`,
    );
    put('etc/os-release', 'VERSION_CODENAME=trixie\n');
    put('etc/fstab', '/dev/sda1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n');
    for (const each of ['etc/apt/sources.list.d/a', 'etc/yum.repos.d/a']) put(each, '');
    manager('apt-get');
    manager('dnf');
  });

  test('gets it by apt at the cluster’s version, and joins', async () => {
    expect(await boot(await serve(follows), 'worker', {}, { packages })).toBe(0);
    expect(statuses.map(({ phase }) => phase)).toContain('install');
    expect(used()).toContainEqual(
      expect.stringMatching(
        /^apt-get .*install containerd\.io kubelet=1\.36\.1-\* kubeadm=1\.36\.1-\* kubectl=1\.36\.1-\*$/,
      ),
    );
    const list = (name: string) => readFileSync(path(`etc/apt/sources.list.d/${name}.list`), 'utf8').trim();
    expect(list('kubernetes')).toBe(
      `deb [signed-by=${path('etc/apt/keyrings/kubernetes.gpg')}] http://mirror.lab/k/deb/ /`,
    );
    expect(list('containerd')).toMatch(/ http:\/\/mirror\.lab\/c trixie stable$/);
    expect(used()).toContainEqual(expect.stringMatching(/^curl .* http:\/\/mirror\.lab\/k\/deb\/Release\.key$/));
    expect(readFileSync(path('etc/containerd/config.toml'), 'utf8')).toContain('SystemdCgroup = true');
    expect(readFileSync(path('etc/modules-load.d/kubernetes.conf'), 'utf8')).toContain('br_netfilter');
    expect(readFileSync(path('etc/fstab'), 'utf8')).toBe('/dev/sda1 / ext4 defaults 0 1\n');
    expect(used()).toContain('swapoff -a');
    expect(used().at(-1)).not.toMatch(/apt/);
  });

  test('gets it by dnf', async () => {
    expect(await boot(await serve(follows), 'worker', {}, { packages: rpms })).toBe(0);
    expect(used()).toContainEqual(
      expect.stringMatching(
        /^dnf .*--disableexcludes=all containerd\.io kubelet-1\.36\.1 kubeadm-1\.36\.1 kubectl-1\.36\.1$/,
      ),
    );
    expect(readFileSync(path('etc/yum.repos.d/kubernetes.repo'), 'utf8')).toMatch(
      /^baseurl=https:\/\/mirror\.lab\/k\/rpm\/$/m,
    );
    expect(used()).toContainEqual(expect.stringMatching(/^curl .*\/k\/rpm\/repodata\/repomd\.xml\.key$/));
    expect(used().some((line) => /dnf .*(update|open-vm-tools)/.test(line))).toBe(false);
  });

  test('leaves the image’s own container runtime alone', async () => {
    tool('containerd');
    expect(await boot(await serve(follows), 'worker', {}, { packages: { kubernetes: packages.kubernetes } })).toBe(0);
    expect(used().some((line) => /^apt-get .*containerd/.test(line))).toBe(false);
    expect(existsSync(path('etc/containerd/config.toml'))).toBe(false);
  });

  test('with another version of Kubernetes gets the cluster’s', async () => {
    for (const name of made) tool(name, name === 'kubeadm' ? 'echo v1.35.9' : '');
    expect(await boot(await serve(follows), 'worker', {}, { packages })).toBe(0);
    expect(last().phase).not.toBe('install');
    expect(used()).toContainEqual(expect.stringMatching(/^apt-get .*install kubelet=1\.36\.1-\*/));
  });

  test('of a key that is another’s says so, and installs nothing', async () => {
    const kubernetes = { ...packages.kubernetes, fingerprint: 'B'.repeat(40) };
    expect(await boot(await serve(follows), 'worker', {}, { packages: { ...packages, kubernetes } })).toBe(1);
    expect(last()).toMatchObject({
      ...{ final: true, phase: 'install' },
      message: expect.stringMatching(
        /lacks: containerd kubelet kubeadm( kubectl)?\. It could not be installed \(packages-apt\.sh\)/,
      ),
    });
    expect(log()).toContain(
      `the key at http://mirror.lab/k/deb/Release.key does not have the fingerprint ${'B'.repeat(40)}`,
    );
    expect(used().some((line) => /install .*kubeadm/.test(line))).toBe(false);
  });

  test('of no use to it says what it lacks', async () => {
    rmSync(join(directory, 'bin', 'dnf'));
    expect(await boot(await serve(follows), 'worker', {}, { packages: rpms })).toBe(1);
    expect(last().message).toMatch(
      /lacks: containerd kubelet kubeadm( kubectl)?\. It has neither apt-get with packages\.kubernetes\.apt, nor dnf/,
    );
    expect(await boot(await serve(follows), 'worker', {}, { packages: { kubernetes: packages.kubernetes } })).toBe(1);
    expect(last().message).toMatch(/no repository of containerd is named \(packages\.containerd\.apt\)/);
  });

  test('that has all of it is left as it is', async () => {
    for (const name of made) renameSync(join(directory, 'packages', name), join(directory, 'bin', name));
    expect(await boot(await serve(follows), 'worker', {}, { packages })).toBe(0);
    expect(used().some((line) => /^(apt-get|swapoff)/.test(line))).toBe(false);
  });
});

describe('kubeadm that did not end', () => {
  const kubeadms = () => used().filter((line) => line.startsWith('kubeadm'));
  const half = () => path('etc/kubernetes/admin.conf');
  /** The first time kubeadm leaves half of its files, and does what is given; from then on it does all. */
  const halfWay = (does: string, more = '') =>
    tool(
      'kubeadm',
      `case $1 in
  reset) rm -f "${half()}" ;;
  *)
    [ ! -e "${half()}" ] || { echo 'there is one already'; exit 1; }
    echo made >"${half()}"
    if [ ! -e "${directory}/once" ]; then : >"${directory}/once"; ${does}; fi
    ${more}
    cp "$3" "${directory}/kubeadm-$1.yaml" ;;
esac`,
    );

  test('is taken back when the program runs again, as after a reset of the machine, and tried again with the authorities', async () => {
    halfWay('kill -9 0');
    const url = await serve(leads);
    expect(await boot(url, 'master')).toBeNull();
    writeFileSync(path('etc/kubernetes/pki/left.crt'), 'of the first try');
    expect(await boot(url, 'master')).toBe(0);
    expect(kubeadms().map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'kubeadm init --config',
      'kubeadm reset --force',
      'kubeadm init --config',
    ]);
    expect(calls.filter((call) => call === 'GET secrets')).toHaveLength(2);
    expect(readFileSync(path('etc/kubernetes/pki/ca.key'), 'utf8')).toBe(CERTIFICATES.kubernetesCaKey);
    expect(existsSync(path('etc/kubernetes/pki/left.crt'))).toBe(false);
    expect(calls.at(-1)).toBe('POST pke/ready');
  });

  test('because it was killed alone is tried again at once', async () => {
    halfWay('kill -9 $$');
    expect(await boot(await serve(leads), 'master')).toBe(0);
    expect(kubeadms()).toHaveLength(3);
    expect(calls.filter((call) => call === 'GET secrets')).toHaveLength(2);
  });

  test('is not believed though it has gone on after the program, which waits for its end', async () => {
    halfWay(`kill -9 $PPID; /bin/sleep 0.5; echo ended >>"${directory}/tools.log"`);
    const url = await serve(leads);
    expect(await boot(url, 'master')).toBeNull();
    expect(used().at(-1)).not.toBe('ended');
    expect(await boot(url, 'master')).toBe(0);
    const order = used().filter((line) => /^(kubeadm|ended)/.test(line));
    expect(order).toEqual([
      expect.stringMatching(/^kubeadm init/),
      'ended',
      expect.stringMatching(/^kubeadm reset/),
      expect.stringMatching(/^kubeadm init/),
    ]);
  });

  test('joins with the token that it was given, for as long as the cluster holds its name against it', async () => {
    halfWay('kill -9 0', `[ "$(grep -c 'kubeadm join' "${directory}/tools.log")" -gt 3 ] || exit 1`);
    const url = await serve({
      ...follows,
      'GET bootstrap': (body, time) =>
        time === 1
          ? (leads['GET bootstrap'] as Route)(body, time)
          : { status: 410, body: { error: 'TokenUsed', message: 'it is handed out once' } },
    });
    expect(await boot(url, 'worker')).toBeNull();
    expect(await boot(url, 'worker')).toBe(0);
    expect(kubeadms().map((line) => line.split(' ')[1])).toEqual([
      ...['join', 'reset', 'join', 'reset', 'join', 'reset', 'join'],
    ]);
    expect(kubeadmConfig('join')[0].discovery.bootstrapToken.token).toBe(TOKEN);
    expect(existsSync(path('etc/kubernetes/kubeadm.yaml'))).toBe(false);
    expect(log()).not.toContain(TOKEN);
  });

  test('is given up where it never ends well', async () => {
    halfWay('kill -9 0', 'exit 1');
    const url = await serve(follows);
    expect(await boot(url, 'worker')).toBeNull();
    expect(await boot(url, 'worker', { TRIES: '3' })).toBe(1);
    expect(last()).toMatchObject({ final: true, phase: 'join', message: expect.stringMatching(/kubeadm join failed/) });
    expect(kubeadms().filter((line) => line.startsWith('kubeadm join'))).toHaveLength(4);
  });

  test('two runs of the program do nothing twice', async () => {
    halfWay('/bin/sleep 0.5');
    const url = await serve(leads);
    expect(await Promise.all([boot(url, 'master'), boot(url, 'master')])).toEqual([0, 0]);
    expect(kubeadms()).toHaveLength(1);
  });
});

test('systemd runs the program at each boot until the node is ready, and again where it is killed', () => {
  const { write_files: files, runcmd } = parse(renderUserData(describeNode()));
  expect(runcmd).toEqual([['systemctl', 'enable', '--now', '--no-block', 'slipway-node.service']]);
  const unit = files.find((file: { path: string }) => file.path === '/etc/systemd/system/slipway-node.service').content;
  expect(unit).toMatch(/^ExecStart=\/bin\/sh \/var\/lib\/slipway\/node-program\.sh$/m);
  expect(unit).toMatch(/^ConditionPathExists=!\/var\/lib\/slipway\/ready$/m);
  expect(unit).toMatch(/^Restart=on-abnormal$/m);
});

const kubeadmConfig = (command: 'init' | 'join') =>
  readFileSync(join(directory, `kubeadm-${command}.yaml`), 'utf8')
    .split('---')
    .map((text) => parse(text));

describe('with a virtual IP', () => {
  const VIRTUAL = {
    endpoint: '10.0.0.100:6443',
    virtualIp: { address: '10.0.0.100', routerId: 7 },
  };
  const keepalived = () => readFileSync(path('etc/keepalived/keepalived.conf'), 'utf8');
  const index = (line: RegExp) => used().findIndex((each) => line.test(each));

  beforeEach(() => {
    tool('keepalived');
    tool('ping', 'exit 1');
    tool(
      'ip',
      `echo '2: ens192    inet 10.0.0.9/24 brd 10.0.0.255 scope global ens192'
[ ! -e "${directory}/held" ] || echo '2: ens192    inet 10.0.0.100/32 scope global ens192'`,
    );
    tool('systemctl', `[ "$*" != 'restart keepalived' ] || : >"${directory}/held"`);
  });

  test('the leader holds it before kubeadm init, and is watched from when its API server is up', async () => {
    expect(await boot(await serve(leads), 'master', {}, VIRTUAL)).toBe(0);
    const [hold, init, watch] = [/restart keepalived/, /kubeadm init/, /enable --now slipway-virtual-ip.timer/].map(
      index,
    );
    expect([hold, init, watch]).toEqual([hold, init, watch].toSorted((x, y) => Number(x) - Number(y)));
    expect(hold).toBeGreaterThan(-1);
    expect(keepalived()).toMatch(/virtual_router_id 7\n/);
    expect(keepalived()).toMatch(/unicast_src_ip 10\.0\.0\.9\n/);
    expect(keepalived()).toMatch(/10\.0\.0\.100\/32 dev ens192\n/);
    expect(existsSync(path('run/slipway/holding-virtual-ip'))).toBe(false);
    const [, cluster] = kubeadmConfig('init');
    expect(cluster.controlPlaneEndpoint).toBe('10.0.0.100:6443');
    expect(cluster.apiServer.certSANs).toEqual(['10.0.0.9', 'demo-masters-01', '10.0.0.100']);
  });

  test('a follower has no voice before the others know it', async () => {
    expect(await boot(await serve(follows), 'master', {}, VIRTUAL)).toBe(0);
    expect(existsSync(path('etc/keepalived/keepalived.conf'))).toBe(false);
    expect(used()).toContain('systemctl enable --now slipway-virtual-ip.timer');
    expect(used().some((line) => /systemctl (re)?start keepalived/.test(line))).toBe(false);
    expect(readFileSync(path('etc/systemd/system/slipway-virtual-ip.timer'), 'utf8')).toMatch(/OnActiveSec=30\n/);
  });

  test('a worker has nothing to do with it', async () => {
    expect(await boot(await serve(follows), 'worker', {}, VIRTUAL)).toBe(0);
    expect(used().filter((line) => /keepalived|virtual-ip/.test(line))).toEqual([]);
  });

  test('one that another machine has is refused', async () => {
    tool('ping');
    expect(await boot(await serve(leads), 'master', {}, VIRTUAL)).toBe(1);
    expect(last()).toMatchObject({
      final: true,
      phase: 'endpoint',
      message: expect.stringMatching(/another machine has the virtual IP 10\.0\.0\.100/),
    });
    expect(index(/kubeadm/)).toBe(-1);
  });

  test('a leader that fails gives it up before it says so', async () => {
    tool('kubeadm', 'exit 1');
    let toldAt = -1;
    const routes = {
      ...leads,
      'POST pke/status': ({ final }: Record<string, unknown>): Answer => {
        if (final) toldAt = used().length;
        return ok();
      },
    };
    expect(await boot(await serve(routes), 'master', {}, VIRTUAL)).toBe(1);
    const released = index(/systemctl disable --now slipway-virtual-ip.timer keepalived/);
    expect(released).toBeGreaterThan(index(/kubeadm init/));
    expect(released).toBeLessThan(toldAt);
  });

  test('a node that is ready keeps it, though the API refuses it when the program runs again', async () => {
    const url = await serve({
      ...leads,
      'POST pke/ready': (_, time) => (time === 1 ? ok() : { status: 403, body: { error: 'Forbidden', message: 'no' } }),
    });
    expect(await boot(url, 'master', {}, VIRTUAL)).toBe(0);
    expect(await boot(url, 'master', {}, VIRTUAL)).toBe(1);
    expect(used().filter((line) => line === 'systemctl restart keepalived')).toHaveLength(1);
    expect(index(/disable/)).toBe(-1);
  });

  test('keepalived is installed where the image has none', async () => {
    rmSync(join(directory, 'bin', 'keepalived'));
    tool('apt-get');
    expect(await boot(await serve(leads), 'master', {}, VIRTUAL)).toBe(0);
    expect(used()).toContainEqual(expect.stringMatching(/^apt-get .* install keepalived$/));
    rmSync(path(), { recursive: true });
    tool('apt-get', 'exit 100');
    expect(await boot(await serve(leads), 'master', {}, VIRTUAL)).toBe(1);
    expect(last()).toMatchObject({ final: true, message: expect.stringMatching(/lacks keepalived/) });
  });
});

describe('with a load balancer', () => {
  /** An API server that answers health checks from the given time on. The real curl has no name server here. */
  const healthyAfter = (tries: number) =>
    tool(
      'curl',
      `case "$*" in
  */readyz) [ "$(grep -c readyz "${directory}/tools.log")" -gt ${tries} ] ;;
  *) exec /usr/bin/curl "$@" ;;
esac`,
    );
  const hosts = () => readFileSync(path('etc/hosts'), 'utf8');
  const NAMED = { endpoint: 'api.example.com:6443' };

  beforeEach(() => {
    tool('iptables');
    mkdirSync(path('etc'), { recursive: true });
    writeFileSync(path('etc/hosts'), '127.0.0.1 localhost\n', { mode: 0o644 });
    tool(
      'kubeadm',
      `echo made >"${path('etc/kubernetes/admin.conf')}"; cp "$3" "${directory}/kubeadm-$1.yaml"; cp "${path('etc/hosts')}" "${directory}/hosts-$1"`,
    );
  });

  test('by name, the leader is led to itself until its API server is up, then waits for its turn as a target', async () => {
    healthyAfter(2);
    expect(await boot(await serve(leads), 'master', {}, NAMED)).toBe(0);
    expect(readFileSync(join(directory, 'hosts-init'), 'utf8')).toMatch(/^10\.0\.0\.9 api\.example\.com /m);
    expect(hosts()).toBe('127.0.0.1 localhost\n');
    expect(statSync(path('etc/hosts')).mode & 0o777).toBe(0o644);
    expect(used().filter((line) => line.includes('https://api.example.com:6443/readyz'))).toHaveLength(3);
    expect(used().some((line) => line.startsWith('iptables'))).toBe(false);
    expect(statuses.map(({ phase }) => phase)).toEqual([
      'prepare',
      'certificates',
      'endpoint',
      'init',
      'rbac',
      'endpoint',
    ]);
    const [, cluster] = kubeadmConfig('init');
    expect(cluster.apiServer.certSANs).toContain('api.example.com');
  });

  test.each([
    ['10.0.0.50:6443', '-d 10.0.0.50 --dport 6443'],
    ['api.example.com:443', '-d 10.0.0.9 --dport 443'],
  ])('%s is redirected to the leader itself, and no longer when its API server is up', async (endpoint, match) => {
    healthyAfter(0);
    expect(await boot(await serve(leads), 'master', {}, { endpoint })).toBe(0);
    const rules = used().filter((line) => /^iptables|^kubeadm init/.test(line));
    const rule = `OUTPUT -p tcp ${match} -j DNAT --to-destination 10.0.0.9:6443`;
    expect(rules).toEqual([
      `iptables -w -t nat -D ${rule}`,
      `iptables -w -t nat -I ${rule}`,
      expect.stringMatching(/^kubeadm init/),
      `iptables -w -t nat -D ${rule}`,
    ]);
  });

  test('that never leads to the leader, the node says so and is ready', async () => {
    healthyAfter(99);
    expect(await boot(await serve(leads), 'master', { ENDPOINT_SECONDS: '1' }, NAMED)).toBe(0);
    expect(last()).toMatchObject({
      phase: 'endpoint',
      final: false,
      message: expect.stringMatching(/does not reach .* at api\.example\.com:6443/),
    });
    expect(calls.at(-1)).toBe('POST pke/ready');
  });

  test('a leader that fails leaves nothing in /etc/hosts', async () => {
    tool('kubeadm', 'exit 1');
    expect(await boot(await serve(leads), 'master', {}, NAMED)).toBe(1);
    expect(hosts()).toBe('127.0.0.1 localhost\n');
  });
});

describe('with a proxy', () => {
  const proxied = async (routes: Record<string, Route>) => {
    const proxy = (await serve(routes)).replace('http://', 'http://eve:p%40ss%22word@');
    server.on('request', ({ headers }) => authorizations.push(headers['proxy-authorization'] ?? ''));
    return {
      endpoint: '10.0.0.100:6443',
      proxy: { http: proxy, https: 'http://proxy.lab:3129', exceptions: ['mirror.lab', '.corp', '192.168.0.0/16'] },
    };
  };
  let authorizations: string[];

  beforeEach(() => {
    authorizations = [];
    tool('ip', "echo '2: ens192    inet 10.0.0.9/24 brd 10.0.0.255 scope global ens192'");
    for (const [file, text] of [
      ['etc/apt/apt.conf.d/00other', ''],
      ['etc/dnf/dnf.conf', '[main]\nproxy=http://old\ngpgcheck=1\n'],
    ] as const) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), text);
    }
  });

  test('the API is reached through it, with the password', async () => {
    expect(await boot('http://api.test', 'worker', {}, await proxied(follows))).toBe(0);
    expect(calls).toContain('POST pke/ready');
    expect(new Set(authorizations)).toEqual(new Set([`Basic ${Buffer.from('eve:p@ss"word').toString('base64')}`]));
  });

  test('an API among the exceptions is reached directly', async () => {
    const { proxy, ...more } = await proxied(follows);
    const direct = proxy.http.replace('eve:p%40ss%22word@', '');
    const special = { ...more, proxy: { http: 'http://127.0.0.1:1', exceptions: ['127.0.0.1'] } };
    expect(await boot(direct, 'worker', {}, special)).toBe(0);
    expect(new Set(authorizations)).toEqual(new Set(['']));
  });

  test('containerd, the kubelet and the package manager use it, but not for the cluster itself', async () => {
    const special = await proxied(follows);
    expect(await boot('http://api.test', 'worker', {}, special)).toBe(0);
    expect(readFileSync(path('etc/slipway/proxy.environment'), 'utf8').trim().split('\n')).toEqual([
      `HTTP_PROXY="${special.proxy.http}"`,
      'HTTPS_PROXY="http://proxy.lab:3129"',
      'NO_PROXY="localhost,127.0.0.0/8,10.96.0.0/12,10.244.0.0/16,.svc,.cluster.local,10.0.0.100,10.0.0.9/24,mirror.lab,.corp,192.168.0.0/16"',
    ]);
    for (const unit of ['containerd', 'kubelet']) {
      expect(readFileSync(path(`etc/systemd/system/${unit}.service.d/slipway-proxy.conf`), 'utf8')).toMatch(
        /^EnvironmentFile=.*\/etc\/slipway\/proxy\.environment$/m,
      );
    }
    expect(used().filter((line) => line.startsWith('systemctl'))).toEqual([
      'systemctl daemon-reload',
      'systemctl try-restart containerd kubelet',
      'systemctl enable --now containerd kubelet',
    ]);
    expect(readFileSync(path('etc/apt/apt.conf.d/95slipway-proxy'), 'utf8').trim().split('\n')).toEqual([
      `Acquire::http::Proxy "${special.proxy.http}";`,
      'Acquire::https::Proxy "http://proxy.lab:3129";',
      'Acquire::http::Proxy::mirror.lab "DIRECT";',
      'Acquire::https::Proxy::mirror.lab "DIRECT";',
    ]);
    expect(readFileSync(path('etc/dnf/dnf.conf'), 'utf8')).toBe('[main]\ngpgcheck=1\nproxy=http://proxy.lab:3129\n');
  });

  test('its password is in files that only root reads, in no argument and in no log', async () => {
    expect(await boot('http://api.test', 'worker', {}, await proxied(follows))).toBe(0);
    const holders = readdirSync(path(), { recursive: true })
      .map((file) => path(String(file)))
      .filter((file) => statSync(file).isFile() && readFileSync(file, 'utf8').includes('p%40ss'));
    expect(holders.map((file) => file.slice(path().length)).sort()).toEqual([
      '/etc/apt/apt.conf.d/95slipway-proxy',
      '/etc/slipway/proxy.curl',
      '/etc/slipway/proxy.env',
      '/etc/slipway/proxy.environment',
    ]);
    for (const file of holders) expect(statSync(file).mode & 0o777, file).toBe(0o600);
    expect(used().join()).not.toContain('p%40ss');
  });
});

describe('a control-plane node that runs workloads', () => {
  const LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers-';

  test('leads without a taint, and may be a target of load balancers', async () => {
    expect(await boot(await serve(leads), 'master', {}, { runsWorkloads: true })).toBe(0);
    expect(kubeadmConfig('init')[0].nodeRegistration.taints).toEqual([]);
    expect(used()).toContainEqual(expect.stringMatching(new RegExp(`kubectl .* label node demo-masters-01 ${LABEL}`)));
  });

  test('joins without a taint', async () => {
    expect(await boot(await serve(follows), 'master', {}, { runsWorkloads: true })).toBe(0);
    expect(kubeadmConfig('join')[0].nodeRegistration.taints).toEqual([]);
    expect(kubeadmConfig('join')[0].controlPlane).toBeDefined();
    expect(used()).toContainEqual(expect.stringContaining(LABEL));
  });

  test('others have kubeadm’s own taint and labels', async () => {
    expect(await boot(await serve(leads), 'master')).toBe(0);
    expect(kubeadmConfig('init')[0].nodeRegistration.taints).toBeUndefined();
    expect(used().some((line) => line.includes(LABEL))).toBe(false);
  });
});

describe('with etcd elsewhere', () => {
  const etcd = {
    endpoints: ['https://store-etcd-01:2379', 'https://store-etcd-02:2379'],
    hosts: [
      { name: 'store-etcd-01', address: '10.0.0.31' },
      { name: 'store-etcd-02', address: '10.0.0.32' },
    ],
    prefix: '/shop',
    compacts: true,
  };
  const values: Record<string, string> = {
    ...CERTIFICATES,
    etcdClientCert: '-----BEGIN client-----\n',
    etcdClientKey: '-----BEGIN client key-----\n',
  };
  delete values.etcdCaKey;
  const given = (routes: Record<string, Route>) => ({ ...routes, 'GET secrets': () => ok({ values }) });
  const hosts = () => readFileSync(path('etc/hosts'), 'utf8');

  test('a leader has kubeadm lead the API server there, below the prefix, with its certificate', async () => {
    expect(await boot(await serve(given(leads)), 'master', {}, { etcd })).toBe(0);
    const [init, cluster] = kubeadmConfig('init');
    const pki = path('etc/kubernetes/pki');
    expect(cluster.etcd).toEqual({
      external: {
        endpoints: etcd.endpoints,
        caFile: `${pki}/etcd/ca.crt`,
        certFile: `${pki}/apiserver-etcd-client.crt`,
        keyFile: `${pki}/apiserver-etcd-client.key`,
      },
    });
    expect(cluster.apiServer.extraArgs).toEqual(
      expect.arrayContaining([
        { name: 'etcd-prefix', value: '/shop' },
        { name: 'etcd-compaction-interval', value: '0s' },
      ]),
    );
    expect(init.nodeRegistration.ignorePreflightErrors).toEqual(['ExternalEtcdVersion']);
    expect(readFileSync(`${pki}/apiserver-etcd-client.key`, 'utf8')).toBe(values.etcdClientKey);
    expect(statSync(`${pki}/apiserver-etcd-client.key`).mode & 0o077).toBe(0);
    expect(existsSync(`${pki}/etcd/ca.key`)).toBe(false);
  });

  test('a follower is led to the members by their names, once, however often it is told where they are', async () => {
    mkdirSync(path('etc'), { recursive: true });
    writeFileSync(path('etc/hosts'), '127.0.0.1 localhost\n');
    const api = await serve(given(follows));
    expect(await boot(api, 'master', {}, { etcd })).toBe(0);
    expect(kubeadmConfig('join')[0].nodeRegistration.ignorePreflightErrors).toEqual(['ExternalEtcdVersion']);
    await boot(api, 'master', {}, { etcd });
    expect(hosts().split('\n').filter(Boolean)).toEqual([
      '127.0.0.1 localhost',
      '10.0.0.31 store-etcd-01 # slipway: etcd',
      '10.0.0.32 store-etcd-02 # slipway: etcd',
    ]);
  });

  test('an etcd of one’s own is left to compact as API servers do, and needs no names', async () => {
    const own = { endpoints: ['https://10.0.0.5:2379'], prefix: '/own' };
    expect(await boot(await serve(given(leads)), 'master', {}, { etcd: own })).toBe(0);
    const { apiServer } = kubeadmConfig('init')[1];
    expect(apiServer.extraArgs.map(({ name }: { name: string }) => name)).not.toContain('etcd-compaction-interval');
    expect(existsSync(path('etc/hosts')) && hosts().includes('slipway: etcd')).toBe(false);
  });

  test('a worker is told nothing of it', async () => {
    expect(await boot(await serve(follows), 'worker', {}, { etcd })).toBe(0);
    expect(readFileSync(path('etc/slipway/node.env'), 'utf8')).not.toContain('ETCD_');
    expect(existsSync(path('var/lib/slipway/external-etcd.sh'))).toBe(false);
  });
});

describe('with pke', () => {
  const TOKEN_SHOWN = 'eyJhbGciOiJFUzI1NiJ9.eyJub2RlIjoiYSJ9.c2lnbmF0dXJl';
  const script = (does: string) => `#!/bin/sh\necho "pke $*" >>"${directory}/tools.log"\n${does}\n`;
  const MAKES_MASTER = () => `echo made >"${path('etc/kubernetes/admin.conf')}"`;
  const arguments_ = () => (used().find((line) => line.startsWith('pke ')) ?? '').split(' ');
  const rc = (text: string) => {
    mkdirSync(path('etc/banzaicloud'), { recursive: true });
    writeFileSync(path('etc/banzaicloud/pke.rc'), text);
  };

  beforeEach(() => {
    tool('pke', MAKES_MASTER());
  });

  test('a worker runs it with its token and address, and nothing is done by the program itself', async () => {
    const url = await serve(follows);
    expect(await boot(url, 'worker', {}, { pke: {} })).toBe(0);
    expect(arguments_()).toEqual([
      'pke',
      'install',
      'worker',
      `--pipeline-url=${url}`,
      '--pipeline-token=the-node-token',
      '--pipeline-org-id=1',
      '--pipeline-cluster-id=7',
      '--pipeline-nodepool=workers',
      '--pipeline-insecure=false',
      '--kubernetes-version=1.23.17',
      '--kubernetes-infrastructure-cidr=10.0.0.9/32',
      '--kubernetes-node-labels=slipway/pool=workers',
      '--taints=',
    ]);
    expect(used().filter((line) => /^(kubeadm|kubectl|systemctl)/.test(line))).toEqual([]);
    expect(new Set(calls)).toEqual(new Set(['POST pke/status']));
  });

  test('a master leads before it runs it, and the control plane is allowed its jobs', async () => {
    expect(await boot(await serve(leads), 'master', {}, { pke: {} })).toBe(0);
    expect(arguments_().slice(3)).toEqual(
      expect.arrayContaining([
        '--kubernetes-cluster-name=demo',
        '--kubernetes-advertise-address=10.0.0.9:6443',
        '--kubernetes-api-server=10.0.0.9:6443',
        '--kubernetes-api-server-cert-sans=10.0.0.9,demo-masters-01',
        '--kubernetes-master-mode=default',
        '--vsphere-server=vcenter.lab',
        '--taints=node-role.kubernetes.io/master:NoSchedule',
      ]),
    );
    expect(arguments_().join()).not.toMatch(/cloud-provider|vsphere-(username|password)/);
    expect(calls.filter((call) => call !== 'POST pke/status')).toEqual(['POST pke/leader']);
    expect(used()).toContainEqual(expect.stringMatching(/^kubectl .* apply -f .*rbac\.yaml/));
    expect(existsSync(path('var/lib/slipway/ready'))).toBe(true);
  });

  test('the jobs are allowed while pke still runs: it says itself that the leader is ready', async () => {
    const applied = `grep -q 'apply -f' "${directory}/tools.log"`;
    tool('pke', `${MAKES_MASTER()}; n=0; until ${applied}; do n=$((n + 1)); [ $n -lt 500 ] || exit 7; sleep 1; done`);
    expect(await boot(await serve(leads), 'master', {}, { pke: {} })).toBe(0);
  });

  test('the bootstrap token that kubeadm makes is deleted, and no other', async () => {
    const description = (text: string) => Buffer.from(text).toString('base64');
    const kubeadms = description("The default bootstrap token generated by 'kubeadm init'.");
    const ours = description('Joins one node');
    const list = `case "$*" in *jsonpath*) printf 'bootstrap-token-aaaaaa ${kubeadms}\nbootstrap-token-bbbbbb ${ours}\nbare\n' ;; esac`;
    tool('kubectl', list);
    expect(await boot(await serve(leads), 'master', {}, { pke: {} })).toBe(0);
    expect(used().filter((line) => line.includes('delete'))).toEqual([
      expect.stringMatching(/-n kube-system delete secret bootstrap-token-aaaaaa$/),
    ]);
  });

  test('a follower runs it when the leader is ready', async () => {
    const special = { pke: { masters: 3 }, endpoint: '10.0.0.50:6443' };
    tool('iptables');
    tool('curl', 'case "$*" in */readyz) exit 0 ;; *) exec /usr/bin/curl "$@" ;; esac');
    const routes = { ...follows, 'GET pke/ready': (_: object, time: number): Answer => ok({ ready: time > 2 }) };
    expect(await boot(await serve(routes), 'master', {}, special)).toBe(0);
    expect(calls.filter((call) => call === 'GET pke/ready')).toHaveLength(3);
    expect(arguments_()).toContain('--kubernetes-master-mode=ha');
    expect(arguments_()).toContain('--kubernetes-api-server=10.0.0.50:6443');
    expect(used().some((line) => /^kubectl|^iptables/.test(line))).toBe(false);
  });

  test('a follower whose leader is gone leads', async () => {
    const special = { pke: { masters: 3 }, endpoint: '10.0.0.50:6443' };
    tool('iptables');
    tool('curl', 'case "$*" in */readyz) exit 0 ;; *) exec /usr/bin/curl "$@" ;; esac');
    const alone = {
      ...leads,
      'GET pke/ready': () => ok({ ready: false }),
      'POST pke/leader': (_: object, time: number): Answer =>
        time === 1 ? { status: 409, body: { hostname: 'other', ip: '10.0.0.1' } } : { status: 201 },
    };
    expect(await boot(await serve(alone), 'master', {}, special)).toBe(0);
    expect(used()).toContainEqual(expect.stringMatching(/^iptables .* -I OUTPUT/));
    expect(used()).toContainEqual(expect.stringMatching(/apply -f/));
  });

  test('a name that pke leads to the leader itself for good is forgotten', async () => {
    mkdirSync(path('etc'), { recursive: true });
    writeFileSync(path('etc/hosts'), '127.0.0.1 localhost\n');
    tool('curl', 'case "$*" in */readyz) exit 0 ;; *) exec /usr/bin/curl "$@" ;; esac');
    tool('pke', `${MAKES_MASTER()}; echo '127.0.0.1 api.lab' >>"${path('etc/hosts')}"`);
    const special = { pke: { masters: 3 }, endpoint: 'api.lab:6443' };
    expect(await boot(await serve(leads), 'master', {}, special)).toBe(0);
    expect(readFileSync(path('etc/hosts'), 'utf8')).toBe('127.0.0.1 localhost\n');
  });

  test('masters that run workloads have no taint', async () => {
    const api = await serve(leads);
    expect(await boot(api, 'master', {}, { pke: {}, runsWorkloads: true })).toBe(0);
    expect(arguments_()).toContain('--kubernetes-master-mode=single');
    expect(arguments_()).toContain('--taints=node-role.kubernetes.io/master:NoSchedule');
    rmSync(path(), { recursive: true });
    rmSync(join(directory, 'tools.log'));
    tool('iptables');
    tool('curl', 'case "$*" in */readyz) exit 0 ;; *) exec /usr/bin/curl "$@" ;; esac');
    const three = { pke: { masters: 3 }, endpoint: '10.0.0.50:6443', runsWorkloads: true };
    expect(await boot(api, 'master', {}, three)).toBe(0);
    expect(arguments_()).toContain('--kubernetes-master-mode=ha');
    expect(arguments_()).toContain('--taints=');
    expect(used()).toContainEqual(expect.stringMatching(/label node .*exclude-from-external-load-balancers-/));
  });

  test('what the image’s pke.rc says counts, and last', async () => {
    rc(
      'PKE_EXTRA_ARGS="--kubernetes-mtu=1400 --kubernetes-version=1.22.17"\nunset nothing_here; false\necho "$also_unset"\n',
    );
    expect(await boot(await serve(follows), 'worker', {}, { pke: {} })).toBe(0);
    expect(arguments_().slice(-2)).toEqual(['--kubernetes-mtu=1400', '--kubernetes-version=1.22.17']);
  });

  test('a pke.rc that ends the shell is told of', async () => {
    rc('exit 0\n');
    expect(await boot(await serve(follows), 'worker', {}, { pke: {} })).toBe(1);
    expect(last()).toMatchObject({ final: true, message: expect.stringMatching(/pke was not run: .*pke\.rc/) });
  });

  test('where it fails, the end of what it said is told, without a secret', async () => {
    const says = [
      `[kubernetes-node] Flag --pipeline-token="${TOKEN_SHOWN}"`,
      `sent ${TOKEN_SHOWN} and abcdef.0123456789abcdef`,
      'vsphere-password="hunter2"',
      'Error: kubeadm failed [nothing works]',
    ];
    tool('pke', `${says.map((line) => `echo '${line}'`).join('\n')}\nexit 3`);
    expect(await boot(await serve(follows), 'worker', {}, { pke: {} })).toBe(1);
    expect(last()).toMatchObject({ status: 'failed', final: true, phase: 'pke' });
    const { message } = last();
    expect(message).toMatch(/^pke install worker ended with 3: .*Error: kubeadm failed \[nothing works\]/);
    expect(message).toContain('sent (token) and (token)');
    expect(message).not.toMatch(/eyJ|abcdef\.|hunter2|Flag/);
    expect(statSync(path('var/log/slipway-pke.log')).mode & 0o777).toBe(0o600);
    expect(log()).not.toMatch(/eyJ|the-node-token|hunter2/);
  });

  test('a leader that fails gives its endpoint up', async () => {
    tool('iptables');
    tool('pke', 'exit 1');
    const special = { pke: { masters: 3 }, endpoint: '10.0.0.50:6443' };
    expect(await boot(await serve(leads), 'master', {}, special)).toBe(1);
    expect(
      used()
        .filter((line) => line.startsWith('iptables'))
        .at(-1),
    ).toMatch(/-D OUTPUT/);
  });

  test('run again, it is not run again', async () => {
    const url = await serve(leads);
    expect(await boot(url, 'master', {}, { pke: {} })).toBe(0);
    expect(await boot(url, 'master', {}, { pke: {} })).toBe(0);
    expect(used().filter((line) => line.startsWith('pke '))).toHaveLength(1);
  });

  test('what one that was killed has left is taken back, and it joins with the token that it was given', async () => {
    const conf = path('etc/kubernetes/kubeadm.conf');
    const written = [
      'apiVersion: kubeadm.k8s.io/v1beta3',
      'kind: JoinConfiguration',
      'discovery:',
      '  bootstrapToken:',
      '    apiServerEndpoint: "10.0.0.1:6443"',
      `    token: ${TOKEN}`,
      '    caCertHashes:',
      '      - sha256:00ff',
    ];
    tool(
      'pke',
      `[ ! -e "${conf}" ] || exit 0
printf '%s\\n' ${written.map((line) => `'${line}'`).join(' ')} >"${conf}"
: >"${path('etc/kubernetes/kubelet.conf')}"
kill -9 0`,
    );
    const url = await serve(follows);
    expect(await boot(url, 'worker', {}, { pke: {} })).toBe(null);
    expect(await boot(url, 'worker', {}, { pke: {} })).toBe(0);
    expect(used().filter((line) => /^(kubeadm|pke)/.test(line))).toEqual([
      expect.stringMatching(/^pke install worker .*--taints=$/),
      expect.stringMatching(/^kubeadm reset --force/),
      expect.stringMatching(
        new RegExp(
          `--taints= --kubernetes-api-server=10.0.0.1:6443 --kubernetes-node-token=${TOKEN} --kubernetes-api-server-ca-cert-hash=sha256:00ff$`,
        ),
      ),
    ]);
    expect(existsSync(path('etc/kubernetes/kubelet.conf'))).toBe(false);
    expect(log()).not.toContain(TOKEN);
  });

  describe('where the image has none', () => {
    const served = () => script(MAKES_MASTER());
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    let files: Server;
    /** Where the program is to be had, after the given number of times that it is not. */
    async function url(tries: number): Promise<string> {
      const program = served();
      let time = 0;
      files = createServer((_, response) => {
        time++;
        response.writeHead(time > tries ? 200 : 503).end(time > tries ? program : '');
      });
      await once(files.listen(0, '127.0.0.1'), 'listening');
      return `http://127.0.0.1:${(files.address() as { port: number }).port}/pke`;
    }
    beforeEach(() => rmSync(join(directory, 'bin', 'pke')));
    afterEach(() => {
      files.closeAllConnections();
      files.close();
    });

    test('it is fetched, tried again, checked, and kept', async () => {
      const pke = { url: await url(2), sha256: sha256(served()) };
      expect(await boot(await serve(follows), 'worker', {}, { pke })).toBe(0);
      expect(statSync(path('usr/local/bin/pke')).mode & 0o777).toBe(0o755);
      expect(arguments_().slice(0, 3)).toEqual(['pke', 'install', 'worker']);
    });

    test('another one than was meant is not run', async () => {
      const pke = { url: await url(0), sha256: 'ab'.repeat(32) };
      expect(await boot(await serve(follows), 'worker', {}, { pke })).toBe(1);
      expect(last()).toMatchObject({ final: true, message: expect.stringContaining(`not ${'ab'.repeat(32)}`) });
      expect(arguments_()).toEqual(['']);
      expect(existsSync(path('usr/local/bin/pke'))).toBe(false);
    });

    test('one that is not there is told of, as is a cluster that does not say where', async () => {
      const api = await serve(follows);
      expect(await boot(api, 'worker', {}, { pke: { url: await url(99) } })).toBe(1);
      expect(last()).toMatchObject({ final: true, message: expect.stringContaining('could not be fetched') });
      expect(await boot(api, 'worker', {}, { pke: {} })).toBe(1);
      expect(last()).toMatchObject({ final: true, message: expect.stringContaining('the image lacks pke') });
    });
  });
});
