import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Ref,
  readInventory,
  readProperties,
  text,
  toRef,
  VCenter,
  waitForTasks,
} from '../../lib/vsphere/index.ts';
import { startVcsim, type Vcsim } from '../../local/cloud/vcsim.ts';

const state = mkdtempSync(join(tmpdir(), 'slipway-front-'));
let vcsim: Vcsim;
let vcenter: VCenter;
let folder: Ref;

beforeAll(async () => {
  vcsim = await startVcsim({ port: 0, password: 'secret', state });
  vcenter = VCenter.connect(vcsim);
  const found = await readInventory(vcenter, { Folder: ['name'] });
  folder = found.find(({ values }) => text(values.name) === 'vm')?.ref as Ref;
}, 120_000);
afterEach(async () => {
  await control('DELETE', '/methods');
  await control('DELETE', '/vms');
  await control('DELETE', '/requests');
});
afterAll(async () => {
  await vcenter.logout();
  await vcsim.stop();
  rmSync(state, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
async function control(method: string, path: string, body?: object): Promise<any> {
  const answer = await fetch(`${vcsim.control}${path}`, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return await answer.json();
}
const plant = async (name: string) => {
  await control('POST', '/vms', [{ name, on: false, extraConfig: { 'guestinfo.slipway.node': name } }]);
  const found = (await control('GET', '/vms')).find((vm: { name: string }) => vm.name === name);
  return { type: 'VirtualMachine', value: found.id as string };
};
const rename = (vm: Ref, newName: string) => vcenter.call('Rename_Task', vm, { newName });
const nameOf = async (vm: Ref) => text((await readProperties(vcenter, [vm], ['name']))[0]?.values.name);

describe('the front', () => {
  test('fails the k-th call, so many times, and traces it', async () => {
    const vm = await plant('a');
    await control('DELETE', '/requests');
    await control('PUT', '/methods/RetrievePropertiesEx', { fail: 'before', fault: '503', skip: 1, times: 2 });
    const outcomes = [];
    for (let call = 0; call < 4; call++) {
      outcomes.push(
        await nameOf(vm).then(
          () => 'ok',
          ({ name }) => name,
        ),
      );
    }
    expect(outcomes).toEqual(['ok', 'VCenterBusy', 'VCenterBusy', 'ok']);
    const trace = await control('GET', '/trace');
    expect(trace.map(({ fault }: { fault?: string }) => fault ?? '')).toEqual(['', 'before 503', 'before 503', '']);
  });

  test('fails one call in so many, the same ones for the same seed', async () => {
    const vm = await plant('a');
    const pattern = async (seed: number) => {
      await control('PUT', '/methods/*', { fail: 'before', fault: 'SystemError', oneIn: 10, seed });
      const failed: number[] = [];
      for (let call = 0; call < 60; call++) await nameOf(vm).catch(() => failed.push(call));
      return failed;
    };
    const first = await pattern(1);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(20);
    expect(await pattern(1)).toEqual(first);
  });

  test('ends a session: the client signs in again, and no session is left over', async () => {
    const vm = await plant('a');
    expect(await nameOf(vm)).toBe('a');
    const sessions = await control('GET', '/sessions');
    await control('DELETE', '/requests');
    await control('PUT', '/methods/Rename_Task', { fail: 'before', fault: 'expired', times: 1 });
    await rename(vm, 'b');
    expect(await control('GET', '/requests')).toMatchObject({ Login: 1, Rename_Task: 2 });
    const after = await control('GET', '/sessions');
    expect(after).toHaveLength(sessions.length);
    expect(after).not.toEqual(sessions);
  });

  test.each([
    ['before', 'a'],
    ['after', 'b'],
  ])('answers with a task that ends in error, %s the effect', async (fail, name) => {
    const vm = await plant('a');
    await control('PUT', '/methods/Rename_Task', { fail, fault: 'task', times: 1 });
    const [task] = await rename(vm, 'b');
    const [error] = await waitForTasks(vcenter, [toRef(task)], 5);
    expect(error).toMatchObject({ name: 'TaskFailed', fault: 'GenericVmConfigFault' });
    expect(await nameOf(vm)).toBe(name);
  });

  test('lets a call hang until the caller gives up, after its effect', async () => {
    const vm = await plant('a');
    await control('PUT', '/methods/Rename_Task', { fail: 'after', fault: 'hang', hangMs: 300, times: 1 });
    const began = Date.now();
    await expect(rename(vm, 'b')).rejects.toMatchObject({ name: 'VCenterUnreachable' });
    expect(Date.now() - began).toBeGreaterThanOrEqual(300);
    expect(await nameOf(vm)).toBe('b');
  });

  test('kills the process that called, after the effect', async () => {
    await control('PUT', '/methods/CreateFolder', { fail: 'after', fault: 'kill', times: 1 });
    const { url, user, password, fingerprint } = vcsim;
    const program = `
      import { VCenter } from ${JSON.stringify(join(import.meta.dirname, '../../lib/vsphere/index.ts'))};
      const vcenter = VCenter.connect(${JSON.stringify({ url, user, password, fingerprint })});
      await vcenter.call('CreateFolder', ${JSON.stringify(folder)}, { name: 'made' });
      process.exit(0);`;
    const child = spawn('node', ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    expect(await control('GET', '/folders')).toContain('made');
  });

  test('counts no planted VM as the second of a node', async () => {
    await plant('a');
    await control('POST', '/vms', [{ name: 'copy', extraConfig: { 'guestinfo.slipway.node': 'a' } }]);
    expect(await control('GET', '/twins')).toEqual([]);
  });
});
