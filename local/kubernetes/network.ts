import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../cloud/command.ts';

/** The network of the machines. */
export interface Network {
  /** Where machines reach our side, with the length of the prefix: `10.123.0.1/16`. */
  gateway: string;
  /** The process that holds the switch: a network namespace with a bridge. */
  holder: number;
}

/** Our end of the cable to the switch, unless told otherwise. */
export const INTERFACE = 'slipway0';
/** Milliseconds that the kernel may take for a namespace. */
const PATIENCE = 60_000;

/**
 * Makes a network without a way out: a bridge in a network namespace of its own, and a cable between it and ours. It needs root,
 * and goes by itself when this process ends, however it does.
 */
export async function createNetwork(gateway: string, name = INTERFACE): Promise<Network & { stop(): void }> {
  const process = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
  process.on('error', () => undefined);
  const holder = await until('the network of the machines is there', () => {
    if (process.exitCode !== null) throw new Error('unshare could not make a network namespace: are you root?');
    const { pid } = process;
    return pid && namespaceOf(pid) !== namespaceOf('self') ? pid : undefined;
  });
  const stop = () => void process.kill('SIGKILL');
  // That it is there is no reason to stay.
  process.unref();
  try {
    const inside = (...args: string[]) => run('nsenter', ['--target', String(holder), '--net', 'ip', ...args]);
    await inside('link', 'add', 'nodes', 'type', 'bridge');
    await inside('link', 'set', 'nodes', 'up');
    await run('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'host', 'netns', String(holder)]);
    await inside('link', 'set', 'host', 'master', 'nodes', 'up');
    await run('ip', ['address', 'add', gateway, 'dev', name]);
    await run('ip', ['link', 'set', name, 'up']);
    return { gateway, holder, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Plugs the cable between the switch and a machine in, whose first process is `pid`. */
export async function plug({ holder }: Network, pid: number, address: string): Promise<void> {
  const port = `n${address.split('.').slice(2).join('-')}`;
  const inside = ['--target', String(holder), '--net', 'ip', 'link'];
  // That of a machine that went off just now, and that the kernel has yet to take away.
  await run('nsenter', [...inside, 'delete', port]).catch(() => undefined);
  const peer = ['peer', 'name', 'eth0', 'netns', String(pid)];
  await run('ip', ['link', 'add', port, 'netns', String(holder), 'type', 'veth', ...peer]);
  await run('nsenter', [...inside, 'set', port, 'master', 'nodes', 'up']);
}

/** Asks again and again until there is an answer. @throws Error after a minute */
export async function until<T>(what: string, ask: () => T | undefined): Promise<T> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(20)) {
    const answer = ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`waited ${PATIENCE / 1000} s in vain until ${what}`);
}

function namespaceOf(pid: number | 'self'): string {
  return readlinkSync(`/proc/${pid}/ns/net`);
}
