import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from './environment.ts';
import type { Guest } from './kubeadm.ts';

/** Milliseconds between two rounds of any timer here. */
const PAUSE_MS = 3000;
const timers = new Map<string, NodeJS.Timeout>();

/** Runs what a unit's service says again and again while its timer is there, as systemd does, if sooner. */
export function startTimer(unit: string, guest: Guest): void {
  clearInterval(timers.get(unit));
  const file = (kind: string) => join(guest.rootfs, `etc/systemd/system/${unit}.${kind}`);
  let running = false;
  const round = () => {
    if (!existsSync(file('timer'))) return clearInterval(timers.get(unit));
    if (running) return;
    const [program, ...args] = /^ExecStart=(.*)$/m.exec(readFileSync(file('service'), 'utf8'))?.[1]?.split(' ') ?? [];
    running = true;
    spawn(String(program), args, { env: environment(guest), stdio: 'ignore' }).once('close', () => {
      running = false;
    });
  };
  timers.set(unit, setInterval(round, PAUSE_MS));
}
