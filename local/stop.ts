import { setTimeout as sleep } from 'node:timers/promises';
import { runningPid } from './local-json.ts';

const pid = runningPid();
if (pid === undefined) {
  console.log('The embedded cloud is not running.');
} else {
  process.kill(pid, 'SIGTERM');
  for (let tries = 100; tries > 0 && runningPid() !== undefined; tries--) await sleep(100);
  console.log('The embedded cloud has ended.');
}
