import { expect, test } from 'vitest';
import { pkeCommand } from '../../../lib/bootstrap/pke.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';
import { pkeInstallation, pkeVsphere } from '../../../lib/steps/pke-installation.ts';

const spec = parse(
  clusterSpec,
  {
    name: 'shop',
    secretName: 'lab',
    distribution: 'pke',
    endpoint: { host: 'api.lab', port: 443 },
    kubernetes: { version: 'v1.23.17', network: { provider: 'cilium', podCIDR: '10.99.0.0/16' } },
    loadBalancerIPRange: '10.0.0.20',
    folder: 'shops',
    nodepools: [
      { name: 'masters', roles: ['master'], size: 3, vcpu: 2, ram: 4096, datastore: 'ssd' },
      {
        name: 'workers',
        roles: ['worker'],
        size: 1,
        vcpu: 2,
        ram: 4096,
        placements: [{ name: 'b', datastore: 'hdd' }],
      },
    ],
  },
  'cluster',
);
const [masters, workers] = spec.nodepools as [(typeof spec.nodepools)[0], (typeof spec.nodepools)[0]];
const cluster = { id: 7, name: 'shop', organization: 1, spec };
const command = (pool: typeof masters) => pkeCommand(pkeInstallation(cluster, pool, 'https://api.slipway'));

test('a master’s command line has what the cluster’s description says', () => {
  expect(command(masters).split(' ')).toEqual(
    expect.arrayContaining([
      "--kubernetes-version='1.23.17'",
      "--kubernetes-api-server='api.lab:443'",
      '--kubernetes-api-server-cert-sans="$IP,$NODE_NAME,api.lab"',
      "--kubernetes-master-mode='ha'",
      "--kubernetes-network-provider='cilium'",
      "--kubernetes-pod-network-cidr='10.99.0.0/16'",
      "--lb-range='10.0.0.20/32'",
      '--vsphere-server="$VSPHERE_SERVER"',
    ]),
  );
});

test('a worker’s has nothing of the control plane', () => {
  expect(command(workers)).not.toMatch(/master-mode|vsphere|lb-range|cidr='/);
  expect(command(workers)).toMatch(/ \$PKE_EXTRA_ARGS$/);
});

test('a node is told where it is, and nothing of the account', () => {
  const connection = {
    ...{ url: 'https://vcenter.lab:8443', user: 'eve', password: 'hunter2', fingerprint: 'AB', datacenter: 'dc' },
    ...{ maxSessions: 8, maxConcurrentClones: 8 },
  };
  const common = { server: 'vcenter.lab', port: 8443, fingerprint: 'AB', datacenter: 'dc', folder: 'shops' };
  expect(pkeVsphere(connection, spec, masters, undefined)).toEqual({ ...common, datastore: 'ssd' });
  expect(pkeVsphere(connection, spec, workers, 'b')).toEqual({ ...common, datastore: 'hdd' });
});
