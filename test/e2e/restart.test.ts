import { beforeAll, expect, test } from 'vitest';
import { api, cloud, description, registerConnection, remove, scaleCheck, until, vms } from './harness.ts';

beforeAll(async () => {
  await registerConnection();
});

test('a creation whose workflow died with the cloud is finished by the scale check', async () => {
  const { body } = await api('POST', '/clusters', description('phoenix', 3, 1));
  await until(vms, (all) => all.some(({ name }) => name.startsWith('phoenix-')));
  await fetch(cloud.restart, { method: 'POST' });

  const { body: interrupted } = await api('GET', `/clusters/${body.id}`);
  expect(interrupted.status).toBe('CREATING');
  const ask = async () => {
    await scaleCheck();
    return (await api('GET', `/clusters/${body.id}`)).body;
  };
  const cluster = await until(ask, ({ status, execution }) => status !== 'CREATING' && execution === null, 150);
  expect([cluster.status, cluster.nodepools.map(({ ready }: { ready: number }) => ready)]).toEqual(['RUNNING', [3, 1]]);
  expect((await vms()).filter(({ name }) => name.startsWith('phoenix-'))).toHaveLength(4);
  const { body: page } = await api('GET', `/clusters/${body.id}/events`);
  expect(page.events.map(({ type }: { type: string }) => type)).toContain('LockTakenOver');
  await remove(body.id);
});
