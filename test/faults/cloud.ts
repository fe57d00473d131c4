import { join } from 'node:path';
import { type Cloud, startCloud } from '../../local/cloud/index.ts';
import { startVcsim } from '../../local/cloud/vcsim.ts';
import { Api } from './api.ts';
import { Lane } from './lane.ts';
import { shortenLimits } from './limits.ts';

/** One embedded AWS with several vCenters: rules are global to a vCenter, so each lane runs its cases on one of its own. */
export interface FaultCloud {
  api: Api;
  lanes: Lane[];
  stop(): Promise<void>;
}

/** Starts it, with guests that cost no process. */
export async function startFaultCloud(directory: string, lanes: number): Promise<FaultCloud> {
  const args = (lane: number) => ['-light-guests', '-watch-twins', '-guest', '', '-network', `127.${lane + 1}`];
  process.env.NODE_OPTIONS = `--require=${join(import.meta.dirname, 'impatient.cjs')}`;
  let cloud: Cloud;
  try {
    cloud = await startCloud({
      stateDirectory: join(directory, 'state'),
      waitScale: '0.05',
      vcsimArgs: args(0),
    });
  } finally {
    delete process.env.NODE_OPTIONS;
  }
  const stops = [cloud.stop];
  const stop = async () => void (await Promise.allSettled(stops.splice(0).map((each) => each())));
  try {
    const api = new Api(cloud);
    await shortenLimits(api, Object.values(cloud.stateMachines));
    const made = [new Lane(api, 0, cloud.control, cloud.vcenter)];
    for (let lane = 1; lane < lanes; lane++) {
      const state = join(directory, `lane-${lane}`);
      const { mkdir } = await import('node:fs/promises');
      await mkdir(state);
      const { password } = cloud.vcenter;
      const { control, url, user, fingerprint, stop } = await startVcsim({
        port: 0,
        password,
        state,
        args: args(lane),
      });
      stops.push(stop);
      made.push(new Lane(api, lane, control, { url, user, password, fingerprint }));
    }
    return { api, lanes: made, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
