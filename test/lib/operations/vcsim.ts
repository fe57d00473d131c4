import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Entity,
  list,
  type Ref,
  readEntities,
  readProperties,
  text,
  toRef,
  VCenter,
  waitForTasks,
  type Xml,
} from '../../../lib/vsphere/index.ts';
import { startVcsim } from '../../../local/cloud/vcsim.ts';

/** A simulator of a test's own, with what the test needs to look at it and to arrange it. */
export async function ownVcsim(args: string[]) {
  const state = mkdtempSync(join(tmpdir(), 'slipway-vcsim-'));
  const process = await startVcsim({ port: 0, password: 'test', state, args });
  const vcenter = VCenter.connect(process);
  return {
    vcenter,
    /** Calls of each method since the last time. */
    counts: async (): Promise<Record<string, number>> => {
      const answer = await fetch(`${process.control}/requests`);
      await fetch(`${process.control}/requests`, { method: 'DELETE' });
      return (await answer.json()) as Record<string, number>;
    },
    find: async (path: string): Promise<Entity> => {
      const found = (await readEntities(vcenter)).find((each) => each.path === path);
      if (!found) throw new Error(`there is no ${path}`);
      return found;
    },
    /** Runs a task to its end. @returns its result */
    run: async (method: string, self: Ref, args: Xml): Promise<Xml> => {
      const task = toRef((await vcenter.call(method, self, args))[0]);
      const [error] = await waitForTasks(vcenter, [task], 20);
      if (error) throw error;
      return (await readProperties(vcenter, [task], ['info.result']))[0]?.values['info.result'];
    },
    stop: async () => {
      await vcenter.logout();
      await process.stop();
      rmSync(state, { recursive: true });
    },
  };
}
export type OwnVcsim = Awaited<ReturnType<typeof ownVcsim>>;

/** A VM's configuration. */
export async function configOf(
  vcenter: VCenter,
  vm: Ref,
): Promise<{ config: Xml; datastores: string[]; pool: string }> {
  const [read] = await readProperties(vcenter, [vm], ['config', 'datastore', 'resourcePool']);
  const values = read?.values ?? {};
  return {
    config: values.config,
    datastores: list(values.datastore?.ManagedObjectReference).map(text),
    pool: text(values.resourcePool),
  };
}

/** The devices of a kind, by the vSphere API's name. */
export const devicesOf = (config: Xml, kind: RegExp): Xml[] =>
  list(config.hardware.device).filter((device) => kind.test(device['@type']));
