import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, inject, test, vi } from 'vitest';
import { switchOn } from '../../local/kubernetes/machine.ts';
import { portsIn, relay } from '../../local/kubernetes/relay.ts';
import { on, succeed, surroundings } from './machine.ts';

const { leader } = inject('real');
const { directory, binaries } = surroundings();

test('a machine has its own host name, processes and mounts, and does not write to the programs of the host', async () => {
  expect((await succeed(leader, 'hostname')).trim()).toBe('real-masters-01');
  expect((await succeed(leader, 'cat', '/proc/1/cmdline')).split('\0')[0]).toBe('kubelet');
  expect(await succeed(leader, 'cat', '/proc/mounts')).toContain(' /usr ');
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(`${leader.root}/`);
  expect((await on(leader, 'touch', '/usr/written')).output).toContain('Read-only file system');
});

test("a port of the host's loopback is the machine's too, where its user data names it", async () => {
  const server = createServer((socket) => socket.end('from the host'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(portsIn(`API_URL='http://127.0.0.1:${port}/api' http://127.0.0.1:${port} http://10.0.0.1:80`)).toEqual([port]);
  const root = join(directory, 'relayed');
  execFileSync('mkdir', ['-p', join(root, 'run')]);
  const host = await relay(join(root, 'run', `relay-${port}`), port);
  const machine = { name: 'relayed', address: '10.99.0.91', root };
  const network = JSON.parse(readFileSync(join(directory, 'network.json'), 'utf8'));
  const running = await switchOn(machine, { network, binaries, ports: [port] });
  writeFileSync(`${root}.pid`, String(running.pid));
  const ask = () => on(machine, 'bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`);
  await vi.waitFor(async () => expect((await ask()).output).toBe('from the host'), { timeout: 5000 });
  process.kill(running.pid, 'SIGKILL');
  server.close();
  host.close();
});

/** Nobody here is told of the end of orphans: what is left of them in the table of processes has no command line. */
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';

test('all of a machine and its network goes when the process that made them is killed', async () => {
  const root = join(directory, 'abandoned');
  const maker = spawn(process.execPath, [join(import.meta.dirname, 'abandon.ts'), root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(maker, 'exit').then(() => Promise.reject(new Error('it ended by itself')));
  const [line] = (await Promise.race([once(maker.stdout, 'data'), ended])) as [Buffer];
  ended.catch(() => undefined);
  const { pid, holder } = JSON.parse(line.toString());
  const links = () => execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' });
  const there = () => [isAlive(pid), isAlive(holder), links().includes('slipway1')];
  expect(there()).toEqual([true, true, true]);
  maker.kill('SIGKILL');
  await vi.waitFor(() => expect(there()).toEqual([false, false, false]), { timeout: 10_000, interval: 100 });
  // Nothing is mounted there any more that is not its own.
  rmSync(root, { recursive: true });
  expect(existsSync('/usr/bin/env')).toBe(true);
});
