import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type Cloud, type Options, startCloud } from '../../local/cloud/index.ts';

/** What tests are told of the embedded cloud. */
export type TestCloud = Pick<
  Cloud,
  'api' | 'token' | 'awsEndpoint' | 'region' | 'vcenter' | 'control' | 'stateMachines'
> & {
  /** Tokens of the configured issuer that ought to be refused, or to be allowed less. */
  tokens: Record<'viewer' | 'expired' | 'foreign', string>;
  /** The directory in which the embedded cloud keeps all that it has. */
  state: string;
  /** A door to what only the process that started the cloud can do. */
  restart: string;
};

declare module 'vitest' {
  interface ProvidedContext {
    cloud: TestCloud;
  }
}

/** Starts the embedded cloud and tells tests of it. @returns what ends it */
export async function startTestCloud(project: TestProject, options: Options): Promise<() => Promise<void>> {
  const cloud = await startCloud(options);
  const { stop, restartAws, issuer, ...told } = cloud;
  const door = createServer(async (_, response) => {
    await restartAws();
    response.end();
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port } = door.address() as { port: number };
  const user = { subject: 'eve', organization: 1, role: 'viewer' };
  project.provide('cloud', {
    ...told,
    state: options.stateDirectory,
    restart: `http://127.0.0.1:${port}`,
    tokens: {
      viewer: await issuer.token(user),
      expired: await issuer.token({ ...user, role: 'admin' }, 1000),
      foreign: await issuer.token({ ...user, organization: 2, role: 'admin' }),
    },
  });
  return async () => {
    door.closeAllConnections();
    door.close();
    await stop();
  };
}
