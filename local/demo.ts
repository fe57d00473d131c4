import { Client, type ClusterView } from '../cli/client.ts';
import { eventsAfter, line, watchCluster } from '../cli/watch.ts';
import type { Cloud } from './cloud/index.ts';

const pool = (name: string, role: string, size: number) => ({ name, roles: [role], size, vcpu: 2, ram: 4096 });

/** Registers the simulator as the connection `demo`. */
export async function registerConnection({ vcenter }: Cloud): Promise<void> {
  const values = { ...vcenter, defaultNodeTemplate: 'ubuntu-24.04' };
  await new Client().call('POST', '/secrets', { name: 'demo', type: 'vsphere', values });
}

/** Launches the demo cluster and shows its progress until it runs. @returns its timeline */
export async function launchDemo(show: (text: string) => void): Promise<string[]> {
  const client = new Client();
  const nodepools = [pool('masters', 'master', 3), pool('workers', 'worker', 2)];
  const { id } = await client.call<ClusterView>('POST', '/clusters', { name: 'demo', secretName: 'demo', nodepools });
  await watchCluster(client, id, show);
  return (await eventsAfter(client, id, '')).map(line);
}
