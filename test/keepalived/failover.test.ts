import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cannotRun, fetchKeepalived } from './debian-keepalived.ts';
import { Machine } from './machine.ts';

/** Milliseconds in which the virtual IP has to move. */
const FAILOVER = 5000;
/** Milliseconds in which keepalived would have taken it, if it were to. */
const SETTLED = 6000;

const reason = cannotRun();

/** Waits until exactly this machine has the virtual IP. */
async function moves(to: Machine, from: Machine): Promise<void> {
  const begin = Date.now();
  while (!to.holds || from.holds) {
    if (Date.now() - begin > FAILOVER) throw new Error(`${to.name} does not have it alone after ${FAILOVER} ms`);
    await sleep(50);
  }
  console.log(`the virtual IP moved from ${from.name} to ${to.name} in ${Date.now() - begin} ms`);
}

/** Looks for a while that exactly this machine has it, without a gap. */
async function stays(at: Machine, other: Machine): Promise<void> {
  for (const end = Date.now() + SETTLED; Date.now() < end; await sleep(50)) {
    expect([at.holds, other.holds]).toEqual([true, false]);
  }
}

describe.skipIf(reason)(`a virtual IP between two machines${reason ? ` (${reason})` : ''}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-keepalived-'));
  let a: Machine;
  let b: Machine;

  beforeAll(async () => {
    const keepalived = await fetchKeepalived();
    a = new Machine('a', '10.99.7.11', { directory, keepalived });
    b = new Machine('b', '10.99.7.12', { directory, keepalived });
    Machine.connect(a, b);
  });
  afterAll(async () => {
    await a?.remove();
    await b?.remove();
    rmSync(directory, { recursive: true });
  });

  test('the leader takes it before its API server is up', () => {
    a.virtualIp('hold');
    expect(a.holds).toBe(true);
  });

  test('it keeps it while it becomes a member, and another one becomes its peer', async () => {
    await a.startApiServer();
    a.knows(a);
    a.virtualIp('watch');
    a.virtualIp('refresh');
    await b.startApiServer();
    for (const machine of [a, b]) machine.knows(a, b);
    b.virtualIp('watch');
    a.virtualIp('refresh');
    b.virtualIp('refresh');
    await stays(a, b);
    expect(await b.asks()).toBe('a');
  });

  test('it moves where the API server of its holder dies, and does not come back by itself', async () => {
    await a.stopApiServer();
    await moves(b, a);
    expect(await a.asks()).toBe('b');
    await a.startApiServer();
    await stays(b, a);
  });

  test('it moves back where that of the other dies', async () => {
    await b.stopApiServer();
    await moves(a, b);
    expect(await b.asks()).toBe('a');
    await b.startApiServer();
    await stays(a, b);
  });

  test('it moves where the machine that has it dies, which does not take it when it is back', async () => {
    await a.die();
    await moves(b, a);
    await a.rise();
    await stays(b, a);
    expect(await a.asks()).toBe('b');
  });

  test('one whose API server knows nobody keeps its peers, and one that died is started', async () => {
    b.knows();
    b.virtualIp('refresh');
    expect(b.holds).toBe(true);
    await b.die();
    await moves(a, b);
    b.knows(a, b);
    await b.rise({ enabled: false });
    b.virtualIp('refresh');
    await a.stopApiServer();
    await moves(b, a);
    await a.startApiServer();
  });

  test('a node that was removed from the cluster gives it up', async () => {
    for (const machine of [a, b]) machine.knows(a);
    b.virtualIp('refresh');
    await moves(a, b);
    a.virtualIp('refresh');
    await stays(a, b);
  });
});
