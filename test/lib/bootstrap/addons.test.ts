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
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { NodeAddon } from '../../../lib/addons/index.ts';
import { renderUserData } from '../../../lib/bootstrap/index.ts';
import { findShell, type Shell } from './shell.ts';

const MANIFESTS: Record<string, string> = {
  '/first/v1/first.yaml': 'kind: First\n',
  '/second/v2/one.yaml': 'kind: One\n',
  '/second/v2/two.yaml': 'kind: Two\n',
};
const addon = (name: string, version: string, resources: object[] = []): NodeAddon => {
  const files = Object.entries(MANIFESTS).filter(([path]) => path.startsWith(`/${name}/`));
  return {
    addon: {
      name,
      version,
      files: files.map(([path, text]) => ({
        name: path.split('/').at(-1) as string,
        sha256: createHash('sha256').update(text).digest('hex'),
        url: `http://127.0.0.1:9/${name}`,
      })),
    },
    patches: [],
    resources,
  };
};
const ADDONS = [addon('first', 'v1'), addon('second', 'v2', [{ kind: 'Ours' }])];

let directory: string;
let shell: Shell;
let server: Server;
let url: string;
/** What the server answers, and what it was asked. */
let served: Record<string, string>;
let asked: string[];
let statuses: { phase: string; status: string; message: string; final: boolean }[];

const path = (...parts: string[]) => join(directory, 'root', ...parts);
const lines = (file: string) =>
  existsSync(join(directory, file)) ? readFileSync(join(directory, file), 'utf8').trim().split('\n') : [];

/** Stands in for a tool: notes how it was called, and does what is given. */
function tool(name: string, does = ''): void {
  const file = join(directory, 'bin', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>"${directory}/tools.log"\n${does}\n`);
  chmodSync(file, 0o755);
}

/** kubectl, whose cluster is a directory: what is applied is a line in applied.log, unless it is there as it is. */
const KUBECTL = (fails: string) =>
  `
case "$*" in
  kustomize*) cat "$2"/*.yaml; exit ;;
  *'get configmap'*) [ ! -e "$D/cluster/addons.yaml" ] || sed -n 's/.*revision: "\\([0-9a-f]*\\)".*/\\1/p' "$D/cluster/addons.yaml"; exit ;;
  *' apply '*) ;;
  *) exit ;;
esac
for file; do :; done
mkdir -p "$D/cluster"
if grep -q '${fails}' "$file"; then echo 'error: admission refused it' >&2; exit 1; fi
case $file in *rbac.yaml) exit ;; esac
name=$(basename "$(dirname "$file")")-$(basename "$file")
case $file in */addons.yaml) name=addons.yaml ;; esac
cmp -s "$file" "$D/cluster/$name" && exit
cp "$file" "$D/cluster/$name"
echo "$name" >>"$D/applied.log"`.replaceAll('$D', '$(dirname "$0")/..');

async function serve(): Promise<void> {
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    const manifest = served[pathname.replace('/mirror', '')];
    if (pathname.startsWith('/mirror')) {
      asked.push(pathname.replace('/mirror', ''));
      expect(request.headers.authorization).toBeUndefined();
      return response.writeHead(manifest === undefined ? 404 : 200).end(manifest);
    }
    if (pathname.endsWith('pke/status')) statuses.push(JSON.parse(text));
    const [status, body] = { 'pke/leader': [201, {}], secrets: [200, { values: { saKey: 'key' } }] }[
      pathname.replace(/^\/api\/v1\/orgs\/1\/(clusters\/7\/)?/, '')
    ] ?? [200, {}];
    response.writeHead(status as number).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** Runs the node program as cloud-init does, or with an argument as a timer does. @returns its exit code */
async function run(
  mirror: string | undefined,
  args: string[] = [],
  environment = {},
  cloudProvider?: 'vsphere',
): Promise<number> {
  const userData = renderUserData({
    node: { name: 'demo-masters-01', pool: 'masters', role: 'master', labels: {} },
    cluster: {
      ...{ id: 7, organization: 1, name: 'demo', kubernetesVersion: '1.36.1' },
      ...{ serviceCIDR: '10.96.0.0/12', podCIDR: '10.244.0.0/16' },
      addons: { list: ADDONS, mirror },
      cloudProvider,
    },
    ...{ apiUrl: url, token: 'the-node-token', ssh: { user: 'ops', keys: [] } },
  });
  for (const file of parse(userData).write_files) {
    mkdirSync(dirname(path(file.path)), { recursive: true });
    writeFileSync(path(file.path), file.content, { mode: Number.parseInt(file.permissions, 8) });
  }
  const env = {
    PATH: `${join(directory, 'bin')}:${shell.path}`,
    SLIPWAY_ROOT: path(),
    ...{ POLL_MAX: '1', ATTEMPTS: '3', ADDON_TRIES: '2' },
    ...environment,
  };
  const [program, ...options] = shell.command;
  const command = [...options, path('var/lib/slipway/node-program.sh'), ...args];
  const [code] = await once(spawn(program, command, { env, stdio: 'ignore' }), 'exit');
  return code as number;
}

const told = () =>
  statuses.filter(({ phase }) => phase.startsWith('addon-')).map(({ phase, status }) => `${phase} ${status}`);
const timer = () => existsSync(path('etc/systemd/system/slipway-addons.timer'));

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-addons-'));
  shell = await findShell(process.env.NODE_SHELL ?? 'dash', directory);
  [asked, statuses, served] = [[], [], { ...MANIFESTS }];
  tool('hostname', 'echo "10.0.0.9 "');
  tool('sleep', 'exec /bin/sleep 0.01');
  tool('systemctl');
  tool('kubectl', KUBECTL('NOTHING'));
  tool('kubeadm', `cp "$3" "${directory}/kubeadm.yaml"; echo made >"${path('etc/kubernetes/admin.conf')}"`);
  await serve();
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

test('the leader applies all in their order, each a phase, and records it in the cluster, before it is ready', async () => {
  expect(await run(`${url}/mirror/`)).toBe(0);
  expect(lines('applied.log')).toEqual([
    '01-first-built',
    '02-second-built',
    '02-second-resources.yaml',
    'addons.yaml',
  ]);
  expect(asked).toEqual(Object.keys(MANIFESTS));
  expect(told()).toEqual([
    'addon-first running',
    'addon-first finished',
    'addon-second running',
    'addon-second finished',
  ]);
  expect(statuses.every(({ final }) => !final)).toBe(true);
  expect(timer()).toBe(false);
  const applies = lines('tools.log').filter((line) => line.includes('slipway/addons/'));
  expect(applies[1]).toMatch(/--server https:\/\/10\.0\.0\.9:6443 .*apply --server-side --force-conflicts/);
  expect(existsSync(path('var/lib/slipway/ready'))).toBe(true);
});

test('run again it fetches nothing and changes nothing', async () => {
  await run(`${url}/mirror`);
  rmSync(path('etc/kubernetes/admin.conf'));
  expect(await run(`${url}/mirror`)).toBe(0);
  expect(asked).toHaveLength(3);
  expect(lines('applied.log')).toHaveLength(4);
});

test('a leader that died half-way is followed by one that applies all', async () => {
  tool('kubectl', KUBECTL('Two'));
  served = { ...MANIFESTS };
  await run(`${url}/mirror`);
  expect(lines('applied.log')).toEqual(['01-first-built']);
  // Another machine, the same cluster.
  rmSync(path(), { recursive: true });
  tool('kubectl', KUBECTL('NOTHING'));
  expect(await run(`${url}/mirror`)).toBe(0);
  expect(lines('applied.log').slice(1)).toEqual(['02-second-built', '02-second-resources.yaml', 'addons.yaml']);
});

test('one whose manifest is not there fails by name, and the others are applied; the node is ready', async () => {
  delete served['/first/v1/first.yaml'];
  expect(await run(`${url}/mirror`)).toBe(0);
  expect(asked.filter((each) => each.startsWith('/first'))).toHaveLength(2);
  expect(told()).toEqual([
    'addon-first running',
    'addon-first failed',
    'addon-second running',
    'addon-second finished',
  ]);
  expect(statuses.find(({ status }) => status === 'failed')).toMatchObject({
    final: false,
    message: expect.stringMatching(/\/mirror\/first\/v1\/first\.yaml could not be fetched: .*404/),
  });
  expect(lines('applied.log')).not.toContain('addons.yaml');
  expect(timer()).toBe(true);
  expect(lines('tools.log')).toContain('systemctl enable --now slipway-addons.timer');
  expect(existsSync(path('var/lib/slipway/ready'))).toBe(true);
});

test('a manifest that is not what was pinned is never applied, and not kept', async () => {
  served['/second/v2/two.yaml'] = 'kind: Two # and more\n';
  await run(`${url}/mirror`);
  expect(statuses.find(({ status }) => status === 'failed')?.message).toMatch(/two\.yaml is not what was pinned: its/);
  expect(lines('applied.log')).toEqual(['01-first-built']);
  expect(readdirSync(path('var/lib/slipway/addons/02-second'))).toEqual(['one.yaml']);
});

test('what the API server does not accept is told in its words', async () => {
  tool('kubectl', KUBECTL('Ours'));
  await run(`${url}/mirror`);
  expect(statuses.find(({ status }) => status === 'failed')).toMatchObject({
    phase: 'addon-second',
    message: 'the API server did not accept our resources for it: error: admission refused it',
  });
});

test('without a mirror each is fetched from its public source; where that is not reached, one try each when time is over', async () => {
  await run(undefined, [], { ADDON_SECONDS: '0' });
  expect(asked).toEqual([]);
  const failed = statuses.filter(({ status }) => status === 'failed');
  expect(failed.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^http:\/\/127\.0\.0\.1:9\/first could not be fetched/),
    expect.stringMatching(/^http:\/\/127\.0\.0\.1:9\/second could not be fetched/),
  ]);
  expect(lines('tools.log').filter((line) => line.startsWith('sleep'))).toEqual([]);
});

test('the timer tries again until all are applied, then ends', async () => {
  const all = served;
  served = {};
  await run(`${url}/mirror`);
  expect(await run(`${url}/mirror`, ['addons'])).toBe(0);
  expect([timer(), lines('applied.log')]).toEqual([true, []]);
  served = all;
  statuses = [];
  expect(await run(`${url}/mirror`, ['addons'])).toBe(0);
  expect(told().filter((each) => each.endsWith('finished'))).toHaveLength(2);
  expect([timer(), lines('applied.log').at(-1)]).toEqual([false, 'addons.yaml']);
  expect(lines('tools.log')).toContain('systemctl disable --now slipway-addons.timer');
});

test('a control-plane node has nothing to do where another has applied all', async () => {
  await run(`${url}/mirror`);
  rmSync(path(), { recursive: true });
  [asked, statuses] = [[], []];
  expect(await run(`${url}/mirror`, ['addons'])).toBe(0);
  expect([asked, statuses]).toEqual([[], []]);
});

test('it is not tried for ever', async () => {
  served = {};
  await run(`${url}/mirror`);
  for (const round of [1, 2]) {
    expect(timer(), `round ${round}`).toBe(true);
    await run(`${url}/mirror`, ['addons'], { ADDON_ROUNDS: '2' });
  }
  expect(timer()).toBe(false);
  expect(readFileSync(path('var/log/slipway.log'), 'utf8')).toMatch(/not tried again: mend the cause, then run sh /);
});

describe('with vSphere’s cloud provider', () => {
  const SERIAL = 'VMware-42 1e 6F 5c 3a 4b 10 11-9d 2b 8f 7e 6a 5b 4c 3d';
  const UUID = '421e6f5c-3a4b-1011-9d2b-8f7e6a5b4c3d';
  /** The kubelet's arguments on a machine whose firmware says this. */
  async function kubeletArguments(firmware: Record<string, string>): Promise<Record<string, string>> {
    for (const [file, content] of Object.entries(firmware)) {
      mkdirSync(path('sys/class/dmi/id'), { recursive: true });
      writeFileSync(path('sys/class/dmi/id', file), `${content}\n`);
    }
    expect(await run(`${url}/mirror`, [], {}, 'vsphere')).toBe(0);
    const [init] = readFileSync(join(directory, 'kubeadm.yaml'), 'utf8')
      .split('---')
      .map((text) => parse(text));
    const { kubeletExtraArgs } = init.nodeRegistration;
    return Object.fromEntries(
      kubeletExtraArgs.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
  }

  test.each([
    ['its serial number', { product_serial: SERIAL, product_uuid: '5C6F1E42-4B3A-1110-9D2B-8F7E6A5B4C3D' }, UUID],
    ['its UUID, where it has no such number', { product_serial: 'None', product_uuid: UUID.toUpperCase() }, UUID],
  ])('the kubelet has the id of the VM from %s', async (_, firmware, uuid) => {
    expect(await kubeletArguments(firmware)).toMatchObject({
      'cloud-provider': 'external',
      'provider-id': `vsphere://${uuid}`,
    });
  });

  test('a machine that says nothing has no id, which the cloud provider then finds out', async () => {
    const found = await kubeletArguments({});
    expect(found).toMatchObject({ 'cloud-provider': 'external', 'node-ip': '10.0.0.9' });
    expect(found['provider-id']).toBeUndefined();
  });

  test('without it the kubelet waits for none', async () => {
    await run(`${url}/mirror`);
    expect(readFileSync(join(directory, 'kubeadm.yaml'), 'utf8')).not.toContain('cloud-provider');
  });
});
