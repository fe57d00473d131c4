import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { createClusterCertificates } from '../../lib/pki/index.ts';
import { run } from '../../local/cloud/command.ts';
import { describeNode, oidcOf } from './cluster.ts';
import { serveIssuer } from './issuer.ts';
import { boot, createMachine, surroundings } from './machine.ts';
import { createNetwork } from './network.ts';
import { serveApi } from './slipway-api.ts';

/** Boots the leader of a cluster with the node program. All that is made is gone with the namespaces. */
export default async function setup(project: TestProject) {
  await run('mount', ['-t', 'tmpfs', 'tmpfs', surroundings().directory]);
  await createNetwork();
  const certificates = await createClusterCertificates({ name: 'real' });
  const seed = randomBytes(32).toString('base64');
  const api = await serveApi({ certificates, seed });
  const { issuer, server } = await serveIssuer(surroundings().directory);
  const leader = await createMachine('real-masters-01', '10.99.0.11');
  await boot(leader, describeNode(leader.name, 'master', oidcOf({ issuer })));
  project.provide('real', { issuer, leader, certificates, seed });
  return () => {
    api.close();
    server.close();
  };
}
