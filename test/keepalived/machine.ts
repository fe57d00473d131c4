import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { renderUserData } from '../../lib/bootstrap/index.ts';
import { describeNode } from '../fixtures/describe-node.ts';

export const VIRTUAL_IP = '10.99.7.100';
const execute = promisify(execFile);
const sh = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });

/** Stands in for systemctl: the units of keepalived are started, reloaded and stopped as systemd would. */
const systemctl = (keepalived: string, directory: string) => `#!/bin/sh
pid=$(cat ${directory}/keepalived.pid 2>/dev/null)
alive() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; }
stop() { ! alive || kill "$pid"; while alive; do sleep 0.1; done; }
start() {
  alive || setsid ${keepalived} -n -l -D -f ${directory}/root/etc/keepalived/keepalived.conf \\
    -p ${directory}/keepalived.pid -r ${directory}/vrrp.pid >>${directory}/keepalived.log 2>&1 </dev/null &
}
echo "$*" >>${directory}/systemctl.log
case "$*" in
  'restart keepalived') stop; start ;;
  'reload-or-restart keepalived') if alive; then kill -HUP "$pid"; else start; fi ;;
  'start keepalived' | 'enable --now keepalived') start ;;
  *is-active*) alive ;;
  disable*keepalived) stop ;;
esac
`;

/** A health check of an API server: \`/readyz\` by https, with the machine's name for an answer. */
const API_SERVER = `
const [, name, key, cert] = process.argv;
const { readFileSync } = require('node:fs');
require('node:https')
  .createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end(name))
  .listen(6443, '0.0.0.0', () => console.log('listening'));
`;

/** A control-plane node: a network namespace with what cloud-init writes, the real keepalived, and stand-ins for the rest. */
export class Machine {
  readonly name: string;
  readonly address: string;
  readonly #namespace: string;
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  #apiServer: ChildProcess | undefined;

  constructor(
    name: string,
    address: string,
    { directory, keepalived }: { directory: string; keepalived: { program: string; env: NodeJS.ProcessEnv } },
  ) {
    this.name = name;
    this.address = address;
    this.#namespace = `slipway-${process.pid}-${name}`;
    this.#directory = join(directory, name);
    const bin = join(this.#directory, 'bin');
    this.#env = { ...keepalived.env, PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` };
    this.#write('bin/systemctl', systemctl(keepalived.program, this.#directory), 0o755);
    this.#write('bin/kubectl', `#!/bin/sh\ncat ${this.#directory}/members\n`, 0o755);
    mkdirSync(join(this.#directory, 'root/run/slipway'), { recursive: true });
    for (const { path, content, permissions } of parse(userData(name)).write_files) {
      this.#write(join('root', path), content, Number.parseInt(permissions, 8));
    }
    sh('ip', 'netns', 'add', this.#namespace);
  }

  #write(path: string, content: string, mode: number): void {
    mkdirSync(dirname(join(this.#directory, path)), { recursive: true });
    writeFileSync(join(this.#directory, path), content, { mode });
  }

  #run(program: string, ...args: string[]): string {
    const within = ['netns', 'exec', this.#namespace, program, ...args];
    return execFileSync('ip', within, { encoding: 'utf8', env: this.#env, stdio: 'pipe' });
  }

  /** Joins two machines by a veth pair. */
  static connect(a: Machine, b: Machine): void {
    const ends = ['name', 'eth0', 'netns'];
    sh('ip', 'link', 'add', ...ends, a.#namespace, 'type', 'veth', 'peer', ...ends, b.#namespace);
    for (const machine of [a, b]) {
      machine.#run('ip', 'link', 'set', 'lo', 'up');
      machine.#run('ip', 'link', 'set', 'eth0', 'up');
      machine.#run('ip', 'address', 'add', `${machine.address}/24`, 'dev', 'eth0');
    }
  }

  /** Its host dies: nobody hears a last word. (Without the link: that of the other would go down too.) */
  async die(): Promise<void> {
    process.kill(-Number(readFileSync(join(this.#directory, 'keepalived.pid'))), 'SIGKILL');
    await this.stopApiServer();
    this.#run('ip', 'address', 'flush', 'dev', 'eth0');
  }

  /** It is switched on again: systemd starts what is enabled. */
  async rise({ enabled } = { enabled: true }): Promise<void> {
    this.#run('ip', 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
    if (enabled) this.#run('systemctl', 'start', 'keepalived');
    await this.startApiServer();
  }

  /** Runs the program as the node program and the timer do. */
  virtualIp(command: 'hold' | 'watch' | 'refresh' | 'release'): void {
    this.#run('sh', join(this.#directory, 'root/var/lib/slipway/virtual-ip.sh'), command, this.address);
  }

  /** What the node's API server knows as control-plane nodes; of who has it also the virtual IP, as a cloud provider may. */
  knows(...members: Machine[]): void {
    const lines = members.map(({ address, holds }) => `${address}${holds ? ` ${VIRTUAL_IP}` : ''}\n`);
    this.#write('members', lines.join(''), 0o600);
  }

  get holds(): boolean {
    return this.#run('ip', '-o', '-4', 'address', 'show').includes(` ${VIRTUAL_IP}/`);
  }

  async startApiServer(): Promise<void> {
    const [key, cert] = ['key', 'crt'].map((file) => join(this.#directory, `api.${file}`)) as [string, string];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=api'];
    sh('openssl', 'req', '-x509', ...made, '-keyout', key, '-out', cert);
    const program = [process.execPath, '-e', API_SERVER, this.name, key, cert];
    this.#apiServer = spawn('ip', ['netns', 'exec', this.#namespace, ...program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(this.#apiServer.stdout as NodeJS.ReadableStream, 'data');
  }

  async stopApiServer(): Promise<void> {
    if (!this.#apiServer || this.#apiServer.exitCode !== null) return;
    this.#apiServer.kill('SIGKILL');
    await once(this.#apiServer, 'exit');
  }

  /** Who answers this machine at the virtual IP. */
  async asks(): Promise<string> {
    const curl = ['curl', '-ks', '--max-time', '2', `https://${VIRTUAL_IP}:6443/readyz`];
    const { stdout } = await execute('ip', ['netns', 'exec', this.#namespace, ...curl]).catch(() => ({ stdout: '' }));
    return stdout;
  }

  async remove(): Promise<void> {
    this.#run(join(this.#directory, 'bin/systemctl'), 'disable', '--now', 'keepalived');
    await this.stopApiServer();
    sh('ip', 'netns', 'delete', this.#namespace);
  }
}

const userData = (name: string) =>
  renderUserData(
    describeNode({
      node: { name, role: 'master' },
      cluster: { endpoint: `${VIRTUAL_IP}:6443`, virtualIp: { address: VIRTUAL_IP, routerId: 7 } },
    }),
  );
