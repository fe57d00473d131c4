import { mkdirSync } from 'node:fs';
import { run } from '../../local/cloud/command.ts';

/** Where the machines reach us. */
export const GATEWAY = '10.99.0.1';

/** Makes the network of the machines: a bridge in our own network namespace, which has no way out. */
export async function createNetwork(): Promise<void> {
  // `ip netns` keeps its names there.
  await run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  mkdirSync('/run/netns');
  await run('ip', ['link', 'set', 'lo', 'up']);
  await run('ip', ['link', 'add', 'nodes', 'type', 'bridge']);
  await run('ip', ['addr', 'add', `${GATEWAY}/24`, 'dev', 'nodes']);
  await run('ip', ['link', 'set', 'nodes', 'up']);
}

/** Makes a machine's network namespace, with an address on the bridge. */
export async function plug(name: string, address: string): Promise<void> {
  const here = `n${address.split('.').pop()}`;
  const inside = (...args: string[]) => run('ip', ['-n', name, ...args]);
  await run('ip', ['netns', 'add', name]);
  await run('ip', ['link', 'add', here, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
  await run('ip', ['link', 'set', here, 'master', 'nodes', 'up']);
  await inside('link', 'set', 'lo', 'up');
  await inside('addr', 'add', `${address}/24`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  await inside('route', 'add', 'default', 'via', GATEWAY);
  // As kubeadm wants it of an image.
  await run('ip', ['netns', 'exec', name, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
}
