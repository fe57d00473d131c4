import { beforeAll, expect, inject, test, vi } from 'vitest';
import { type VSphereConfiguration, vsphereObjects } from '../../lib/addons/vsphere-objects.ts';
import { onKubernetes } from '../../lib/connector/kubernetes.ts';
import type { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { putStorageAccount } from '../../lib/operations/put-storage-account.ts';
import { clientOf, masterRecord, recordOf } from './cluster.ts';
import { read as readFile } from './machine.ts';

const real = inject('real');
vi.mock('../../lib/store/cluster-keys.ts', () => ({
  readClusterKeys: async () => ({ certificates: inject('real').certificates }),
}));

const configuration: VSphereConfiguration = {
  servers: [{ host: 'vcenter.lab', port: 443, user: 'storage@lab', password: 'open "sesame"', datacenters: ['dc1'] }],
  clusterId: 'slipway-test-7',
  virtualIp: '10.99.0.100',
  storagePolicy: 'gold',
};
const put = (more: Partial<VSphereConfiguration> = {}) => {
  const objects = vsphereObjects({ ...configuration, ...more }).map(({ path, object }) => ({
    path,
    object: { ...object },
  }));
  return onKubernetes(recordOf(real), [masterRecord(real.leader)], 'slipway:storage-account', putStorageAccount, {
    objects,
  });
};
const CLOUD = '/api/v1/namespaces/kube-system/secrets/vsphere-cloud-secret';
const STORAGE = '/api/v1/namespaces/vmware-system-csi/secrets/vsphere-config-secret';
const CLASS = '/apis/storage.k8s.io/v1/storageclasses/slipway';
const text = (data: string) => Buffer.from(data, 'base64').toString();

let admin: KubernetesApi;
const read = async (path: string) => (await admin.request('GET', path)).data;

beforeAll(async () => {
  admin = await clientOf(real, 'system:masters');
});

test('the account, the configuration and the default class are made with a certificate for this job alone', async () => {
  await put();
  expect(text((await read(CLOUD)).data['vcenter.lab.password'])).toBe('open "sesame"');
  expect(text((await read(STORAGE)).data['csi-vsphere.conf'])).toContain('password = "open \\"sesame\\""');
  const { data } = await read('/api/v1/namespaces/kube-system/configmaps/vsphere-cloud-config');
  expect(JSON.parse(data['vsphere.conf']).nodes.excludeInternalNetworkSubnetCidr).toBe('10.99.0.100/32');
  expect(JSON.stringify(data)).not.toContain('sesame');
  expect(await read(CLASS)).toMatchObject({
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'csi.vsphere.vmware.com',
    parameters: { storagepolicyname: 'gold' },
  });
});

test('put again it changes nothing, and another password changes the Secrets alone', async () => {
  const versions = async () =>
    (await Promise.all([CLOUD, STORAGE, CLASS].map(read))).map(({ metadata }) => metadata.resourceVersion);
  const before = await versions();
  await put();
  expect(await versions()).toEqual(before);
  await put({ servers: configuration.servers.map((server) => ({ ...server, password: 'changed' })) });
  expect(text((await read(CLOUD)).data['vcenter.lab.password'])).toBe('changed');
  const after = await versions();
  expect(after.map((version, index) => version === before[index])).toEqual([false, false, true]);
});

test('a Secret that somebody deleted is made again', async () => {
  await admin.request('DELETE', CLOUD);
  await put();
  expect(text((await read(CLOUD)).data['vcenter.lab.username'])).toBe('storage@lab');
});

test('kubeadm has the kubelet wait for a cloud provider', () => {
  expect(readFile(real.leader, '/var/lib/kubelet/kubeadm-flags.env')).toContain('--cloud-provider=external');
});
