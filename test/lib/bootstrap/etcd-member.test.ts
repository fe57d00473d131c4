import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderUserData } from '../../../lib/bootstrap/index.ts';
import { createClusterCertificates, issueGatewayCertificate } from '../../../lib/pki/index.ts';
import { serverCertificate } from '../../../local/guest/certificate.ts';
import { EtcdMember } from '../../../local/guest/etcd-member.ts';
import { Objects } from '../../../local/guest/objects.ts';
import { describeNode } from '../../fixtures/describe-node.ts';
import { findShell, type Shell } from './shell.ts';

const PASSWORD = 'open_sesame-1';
/** Loopback addresses of this process alone: the shells are tried at once. */
const NETWORK = `127.88.${process.pid % 250}`;
const nodes = [1, 2, 3].map((ordinal) => ({ name: `etcd-0${ordinal}`, address: `${NETWORK}.${ordinal}` }));

let directory: string;
let shell: Shell;
let api: Server;
let apiUrl: string;
let etcd: Objects;
let started: string[];

const program = (name: string, text: string) => {
  writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(directory, 'bin', name), 0o755);
};
const file = (name: string, path: string) => readFileSync(join(directory, name, path), 'utf8');

/** An API whose first caller leads, and that starts a member where kubeadm would have written its manifest. */
async function serve(): Promise<void> {
  const certificates = await createClusterCertificates({ name: 'etcd' });
  const { etcdCaCert, etcdCaKey } = certificates;
  const client = await issueGatewayCertificate(certificates, 10);
  const values = {
    etcdCaCert,
    etcdCaKey,
    etcdClientCert: client.certificate,
    etcdClientKey: client.key,
    etcdRootPassword: PASSWORD,
  };
  const ca = join(directory, 'ca');
  writeFileSync(`${ca}.crt`, etcdCaCert);
  writeFileSync(`${ca}.key`, etcdCaKey);
  etcd = new Objects(directory, etcdCaCert);
  let leader: { hostname: string; ip: string } | undefined;
  let ready = false;
  const routes: Record<string, (body: Record<string, string>, last: string) => [number, object]> = {
    'POST status': () => [200, { processId: 'p' }],
    'GET secrets': () => [200, [{ values }]],
    'GET ready': () => [200, { master: { ready } }],
    'GET bootstrap': () => [200, { masterAddress: `${leader?.ip}:2379` }],
    'POST leader': ({ hostname = '', ip = '' }) => {
      if (leader) return [409, leader];
      leader = { hostname, ip };
      return [201, leader];
    },
    'POST ready': ({ name }) => {
      if (name === leader?.hostname) ready = true;
      return [200, {}];
    },
    'POST started': ({ name = '', state = '' }) => {
      const node = nodes.find((each) => each.name === name) as (typeof nodes)[number];
      const member = new EtcdMember(etcd);
      member.join(name, node.address, state);
      member.listen(
        node.address,
        serverCertificate(join(directory, name), 'tls', `${ca}.crt`, `${ca}.key`, [node.address]),
      );
      started.push(state);
      return [200, {}];
    },
  };
  api = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const last = String(new URL(request.url ?? '/', 'http://x').pathname.split('/').pop());
    const [status, body] = routes[`${request.method} ${last}`]?.(text ? JSON.parse(text) : {}, last) ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  apiUrl = `http://127.0.0.1:${(api.address() as { port: number }).port}`;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-etcd-'));
  mkdirSync(join(directory, 'bin'));
  shell = await findShell(process.env.NODE_SHELL ?? 'dash', directory);
  started = [];
  await serve();
  program('hostname', `if [ "$1" = -I ]; then echo "$ADDRESS"; else echo "$NAME"; fi`);
  program('systemctl', `echo "systemctl $*" >>"$SLIPWAY_ROOT/systemctl.log"`);
  program(
    'kubeadm',
    `case "$*" in
  *"phase etcd local"*)
    state=$(sed -n 's/.*initial-cluster-state, value: "\\([a-z]*\\)".*/\\1/p' "$SLIPWAY_ROOT/etc/kubernetes/kubeadm.yaml")
    curl -sS --fail -o /dev/null -d "{\\"name\\":\\"$NAME\\",\\"state\\":\\"$state\\"}" "${apiUrl}/started"
    echo pod >"$SLIPWAY_ROOT/etc/kubernetes/manifests/etcd.yaml"
    ;;
esac`,
  );
});

afterAll(() => {
  api.close();
  rmSync(directory, { recursive: true });
});

/** Writes what cloud-init would, and runs the program. @returns its exit code */
async function boot({ name, address }: (typeof nodes)[number]): Promise<number> {
  const description = describeNode({ node: { name, role: 'etcd' }, cluster: { name: 'store' }, apiUrl });
  const root = join(directory, name);
  const { write_files: files } = JSON.parse(renderUserData(description).replace('#cloud-config\n', ''));
  for (const { path, content } of files) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const [command, ...args] = shell.command;
  const child = spawn(command, [...args, join(root, 'var/lib/slipway/node-program.sh')], {
    env: {
      PATH: `${join(directory, 'bin')}:${shell.path}`,
      SLIPWAY_ROOT: root,
      NAME: name,
      ADDRESS: address,
      POLL_MAX: '1',
      WAIT_SECONDS: '40',
    },
    stdio: 'ignore',
  });
  const [code] = await once(child, 'exit');
  return code as number;
}

test('three nodes that boot at once become an etcd of three members that vote, which only root looks after', async () => {
  const codes = await Promise.all(nodes.map(boot));
  expect(codes, nodes.map(({ name }) => file(name, 'var/log/slipway.log')).join('\n')).toEqual([0, 0, 0]);
  expect(started.toSorted()).toEqual(['existing', 'existing', 'new']);
  const members = etcd.list('members');
  expect(members.map(({ name }) => name).sort()).toEqual(nodes.map(({ name }) => name));
  expect(members.filter(({ isLearner }) => isLearner)).toEqual([]);
  expect(etcd.get('auth', 'enabled')).toBeDefined();
  expect(etcd.get('users', 'root')).toMatchObject({ password: PASSWORD, roles: ['root'] });
}, 60_000);

test('the kubelet of each runs static pods alone, and the password is in one file', () => {
  for (const { name } of nodes) {
    expect(file(name, 'etc/systemd/system/kubelet.service.d/20-slipway-etcd.conf')).toContain(
      '--config=/etc/kubernetes/',
    );
    expect(file(name, 'systemctl.log')).toMatch(
      /^systemctl daemon-reload\nsystemctl enable --now containerd kubelet\n/,
    );
    expect(file(name, 'etc/slipway/etcd-root-password')).toBe(PASSWORD);
    for (const path of ['var/log/slipway.log', 'etc/kubernetes/kubeadm.yaml'])
      expect(file(name, path), path).not.toContain(PASSWORD);
  }
});

test('a node whose program runs again changes nothing', async () => {
  const before = JSON.stringify(etcd.list('members'));
  expect(await Promise.all(nodes.map(boot))).toEqual([0, 0, 0]);
  expect(started).toHaveLength(3);
  expect(JSON.stringify(etcd.list('members'))).toBe(before);
}, 60_000);
