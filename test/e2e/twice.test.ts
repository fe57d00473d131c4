import { beforeAll, expect, test } from 'vitest';
import { api, control, create, description, gone, registerConnection, remove, settled, vms } from './harness.ts';

// An answer that is lost after its effect is what a function that dies between call and record leaves behind.

beforeAll(async () => {
  await registerConnection();
});

const own = async (name: string) => (await vms()).filter((vm) => vm.name.startsWith(`${name}-`));

test('clones whose answers were lost are adopted: no node has two VMs', async () => {
  await control('PUT', '/methods/CloneVM_Task', { fail: 'after', fault: 'reset', times: 3 });
  const id = await create('again', 3, 1);
  const found = await own('again');
  expect(new Set(found.map(({ instanceUuid }) => instanceUuid)).size).toBe(4);
  expect(found.map(({ name }) => name).sort()).toEqual([
    'again-masters-01',
    'again-masters-02',
    'again-masters-03',
    'again-workers-01',
  ]);
  const { body } = await api('GET', `/clusters/${id}/events?limit=200`);
  expect(body.events.filter(({ type }: { type: string }) => type === 'NodeAdopted').length).toBeGreaterThan(0);
  await remove(id);
});

test.each(['PowerOffVM_Task', 'Destroy_Task', 'WaitForUpdatesEx', 'CreateContainerView'])(
  'a deletion in which the answer of %s is lost ends in nothing',
  async (method) => {
    const { body } = await api('POST', '/clusters', description('lost', 1, 1));
    expect((await settled(body.id)).status).toBe('RUNNING');
    await control('PUT', `/methods/${method}`, { fail: 'after', fault: 'reset', times: 1 });
    await api('DELETE', `/clusters/${body.id}`);
    await gone(body.id);
    expect(await own('lost')).toEqual([]);
  },
);
