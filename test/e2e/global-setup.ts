import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTestCloud } from './test-cloud.ts';

/** Starts the embedded cloud once, on free ports, for all end-to-end tests. */
export default async function setup(project: TestProject) {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-e2e-'));
  const stop = await startTestCloud(project, {
    stateDirectory: join(directory, 'state'),
    waitScale: '0.1',
    // A network of their own: an `npm start` may run beside the tests.
    vcsimArgs: ['-datacenters', '1', '-network', `127.${100 + (process.pid % 100)}`],
  });
  return async () => {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  };
}
