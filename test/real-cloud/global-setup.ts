import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { run } from '../../local/cloud/command.ts';
import { startRealGuests } from '../../local/kubernetes/guests.ts';
import { startTestCloud } from '../e2e/test-cloud.ts';
import { surroundings } from '../real/machine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    machines: {
      kubectl: string;
      /** Where the VMs' disks are. */
      disks: string;
      /** The process that holds the switch. */
      holder: number;
    };
  }
}

/** Starts the embedded cloud with guests on the real Kubernetes. All that is made is gone with the namespaces. */
export default async function setup(project: TestProject) {
  const { directory, binaries } = surroundings();
  await run('mount', ['-t', 'tmpfs', 'tmpfs', directory]);
  await run('ip', ['link', 'set', 'lo', 'up']);
  const guests = await startRealGuests();
  const stateDirectory = join(directory, 'state');
  const stop = await startTestCloud(project, { stateDirectory, waitScale: '0.1', guests });
  project.provide('machines', {
    kubectl: join(binaries.kubernetes, 'kubectl'),
    disks: join(stateDirectory, 'guests'),
    holder: guests.wiring.holder,
  });
  return async () => {
    await stop();
    guests.stop();
  };
}
