import { Client, type ClusterView } from '../cli/client.ts';
import { eventsAfter, line, watchCluster } from '../cli/watch.ts';
import type { Cloud } from './cloud/index.ts';
import { PLAIN_KUBERNETES } from './plain-kubernetes.ts';

const pool = (name: string, role: string, size: number) => ({ name, roles: [role], size, vcpu: 2, ram: 4096 });

/** Registers the simulator as the connection `demo`, as it is reached now. */
export async function registerConnection({ vcenter }: Cloud): Promise<void> {
  const client = new Client();
  const secret = { name: 'demo', type: 'vsphere', values: { ...vcenter, defaultNodeTemplate: 'ubuntu-24.04' } };
  const known = await client.call<{ id: string; name: string }[]>('GET', '/secrets?type=vsphere');
  const demo = known.find(({ name }) => name === secret.name);
  if (demo) await client.call('PUT', `/secrets/${demo.id}`, secret);
  else await client.call('POST', '/secrets', secret);
}

/** Launches the demo cluster, unless it is there, and shows its progress until it runs. @returns its timeline */
export async function launchDemo(show: (text: string) => void): Promise<string[]> {
  const client = new Client();
  const nodepools = [pool('masters', 'master', 3), pool('workers', 'worker', 2)];
  const clusters = await client.call<ClusterView[]>('GET', '/clusters');
  const { id } =
    clusters.find(({ name }) => name === 'demo') ??
    (await client.call<ClusterView>('POST', '/clusters', {
      name: 'demo',
      secretName: 'demo',
      kubernetes: PLAIN_KUBERNETES,
      nodepools,
    }));
  await watchCluster(client, id, { event: show, state: () => undefined });
  return (await eventsAfter(client, id, '')).map(line);
}
