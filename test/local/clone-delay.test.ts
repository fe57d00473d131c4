import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ref, readInventory, text, toRef, toXml, VCenter, waitForTasks } from '../../lib/vsphere/index.ts';
import { startVcsim, type Vcsim } from '../../local/cloud/vcsim.ts';

const state = mkdtempSync(join(tmpdir(), 'slipway-vcsim-'));
let vcsim: Vcsim;
let vcenter: VCenter;

beforeAll(async () => {
  vcsim = await startVcsim({ port: 0, password: 'secret', state, args: ['-clone-delay', '2000'] });
  vcenter = VCenter.connect(vcsim);
});
afterAll(async () => {
  await vcenter.logout();
  await vcsim.stop();
  rmSync(state, { recursive: true });
});

test('the clone delay holds each task up, not the request and not the other clones', async () => {
  const found = await readInventory(vcenter, { VirtualMachine: ['name'], ResourcePool: ['name'], Folder: ['name'] });
  const ref = (name: string) => found.find(({ values }) => text(values.name) === name)?.ref as Ref;
  const began = Date.now();
  const tasks = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const [task] = await vcenter.call('CloneVM_Task', ref('ubuntu-24.04'), {
        folder: toXml(ref('vm')),
        name: `clone-${index}`,
        spec: { location: { pool: toXml(ref('Resources')) }, powerOn: true, template: false },
      });
      return toRef(task);
    }),
  );
  expect(Date.now() - began).toBeLessThan(1000);
  await waitForTasks(vcenter, tasks, 20);
  const took = Date.now() - began;
  expect(took).toBeGreaterThan(2000);
  expect(took).toBeLessThan(4000);
  expect(await (await fetch(`${vcsim.control}/clones`)).json()).toEqual({ total: 10, running: 0, peak: 10 });
});
