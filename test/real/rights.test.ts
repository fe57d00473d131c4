import { beforeAll, expect, inject, test, vi } from 'vitest';
import { type Job, onKubernetes } from '../../lib/connector/kubernetes.ts';
import type { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { createBootstrapTokens } from '../../lib/operations/create-bootstrap-tokens.ts';
import { deleteBootstrapTokens } from '../../lib/operations/delete-bootstrap-tokens.ts';
import { deleteNode } from '../../lib/operations/delete-node.ts';
import { drainNode } from '../../lib/operations/drain-node.ts';
import type { KubernetesOperation } from '../../lib/operations/operation.ts';
import { clientOf, masterRecord, recordOf } from './cluster.ts';

const real = inject('real');
vi.mock('../../lib/store/cluster-keys.ts', () => ({
  readClusterKeys: async () => ({ certificates: inject('real').certificates }),
}));

const run = <I, O>(job: Job, operation: KubernetesOperation<I, O>, input: I) =>
  onKubernetes(recordOf(real), [masterRecord(real.leader)], job, operation, input);

type Call = [method: string, path: string, body?: object];
/** Statuses that say something of a request, and not of the connection. */
const ANY = [400, 403, 404, 405, 409, 415, 422, 429];
const statusOf = async (api: KubernetesApi, [method, path, body]: Call) =>
  (await api.request(method, path, body, ANY)).status;

let admin: KubernetesApi;
const CORE = '/api/v1';
const KUBE_SYSTEM = `${CORE}/namespaces/kube-system`;
const DEFAULT = `${CORE}/namespaces/default`;

const pod = (name: string, node: string, labels = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { nodeName: node, containers: [{ name: 'main', image: 'none' }], terminationGracePeriodSeconds: 0 },
});

beforeAll(async () => {
  admin = await clientOf(real, 'system:masters');
  // Pods need the account that the controllers make in each namespace.
  const account = `${DEFAULT}/serviceaccounts/default`;
  await vi.waitFor(async () => expect(await statusOf(admin, ['GET', account])).toBe(200), {
    timeout: 60_000,
    interval: 500,
  });
});

test('a certificate for tokens makes and deletes bootstrap tokens, and again', async () => {
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  const tokens = [
    { id: 'right1', secret: '0123456789abcdef' },
    { id: 'right2', secret: '0123456789abcdef' },
  ];
  const path = `${KUBE_SYSTEM}/secrets/bootstrap-token-right1`;
  await run('slipway:bootstrap-tokens', createBootstrapTokens, { tokens, expiresAt });
  await run('slipway:bootstrap-tokens', createBootstrapTokens, { tokens, expiresAt });
  expect((await admin.request('GET', path)).data.type).toBe('bootstrap.kubernetes.io/token');
  await run('slipway:bootstrap-tokens', deleteBootstrapTokens, { ids: ['right1', 'right2'] });
  await run('slipway:bootstrap-tokens', deleteBootstrapTokens, { ids: ['right1', 'right2'] });
  expect(await statusOf(admin, ['GET', path])).toBe(404);
});

test('a certificate for drains cordons a node, evicts its pods, leaves those of DaemonSets, and deletes the node', async () => {
  const node = 'drained';
  const metadata = { name: node, labels: { 'kubernetes.io/hostname': node } };
  await admin.request('POST', `${CORE}/nodes`, { apiVersion: 'v1', kind: 'Node', metadata });
  // The scheduler puts no pod on a node that has room for none.
  await admin.request('PATCH', `${CORE}/nodes/${node}/status`, { status: { allocatable: { pods: '10' } } });
  await admin.request('POST', `${DEFAULT}/pods`, pod('evicted', node));
  await admin.request('POST', '/apis/apps/v1/namespaces/default/daemonsets', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agents' },
    spec: {
      selector: { matchLabels: { app: 'agents' } },
      template: {
        metadata: { labels: { app: 'agents' } },
        spec: { nodeSelector: { 'kubernetes.io/hostname': node }, containers: [{ name: 'main', image: 'none' }] },
      },
    },
  });
  const agents = async () => {
    const { data } = await admin.request('GET', `${DEFAULT}/pods?labelSelector=app%3Dagents`);
    return data.items.filter(({ spec }: { spec: { nodeName?: string } }) => spec.nodeName === node);
  };
  await vi.waitFor(async () => expect(await agents()).toHaveLength(1), { timeout: 30_000, interval: 500 });

  await run('slipway:drain-node', drainNode, { node, timeoutSeconds: 30 });
  expect((await admin.request('GET', `${CORE}/nodes/${node}`)).data.spec.unschedulable).toBe(true);
  expect(await statusOf(admin, ['GET', `${DEFAULT}/pods/evicted`])).toBe(404);
  expect(await agents()).toHaveLength(1);

  await run('slipway:drain-node', deleteNode, { node });
  await run('slipway:drain-node', deleteNode, { node });
  expect(await statusOf(admin, ['GET', `${CORE}/nodes/${node}`])).toBe(404);
  await run('slipway:drain-node', drainNode, { node, timeoutSeconds: 5 });
});

test('a disruption budget that allows nothing holds a drain, which names the pods that remain', async () => {
  const node = 'guarded';
  await admin.request('POST', `${CORE}/nodes`, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
  await admin.request('POST', `${DEFAULT}/pods`, pod('guarded', node, { app: 'guarded' }));
  // A pod that does not run may be evicted whatever the budget says.
  const running = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };
  await admin.request('PATCH', `${DEFAULT}/pods/guarded/status`, running);
  await admin.request('POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'guarded' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
  });
  await expect(run('slipway:drain-node', drainNode, { node, timeoutSeconds: 4 })).rejects.toMatchObject({
    name: 'KubernetesRefused',
    message: expect.stringContaining('default/guarded'),
  });
  expect((await admin.request('GET', `${DEFAULT}/pods/guarded`)).data.metadata.deletionTimestamp).toBeUndefined();
});

const OTHERS_JOB: Record<Job, Call[]> = {
  'slipway:bootstrap-tokens': [
    ['GET', `${CORE}/nodes`],
    ['PATCH', `${CORE}/nodes/real-masters-01`, {}],
    ['DELETE', `${CORE}/nodes/real-masters-01`],
    ['GET', `${CORE}/pods`],
    ['POST', `${KUBE_SYSTEM}/pods/x/eviction`, {}],
  ],
  'slipway:drain-node': [
    ['POST', `${KUBE_SYSTEM}/secrets`, {}],
    ['DELETE', `${KUBE_SYSTEM}/secrets/bootstrap-token-right1`],
    ['GET', `${CORE}/nodes`],
    ['POST', `${CORE}/nodes`, {}],
    ['DELETE', `${CORE}/nodes`],
    ['PATCH', `${CORE}/nodes/real-masters-01/status`, {}],
    ['GET', `${CORE}/nodes/real-masters-01/proxy/pods`],
    ['DELETE', `${DEFAULT}/pods/guarded`],
    ['GET', `${KUBE_SYSTEM}/pods/etcd-real-masters-01`],
    ['GET', `${KUBE_SYSTEM}/pods/etcd-real-masters-01/log`],
    ['POST', `${KUBE_SYSTEM}/pods/etcd-real-masters-01/exec?command=id`],
  ],
  'slipway:read-addons': [
    ['PATCH', `${KUBE_SYSTEM}/configmaps/slipway-addons`, {}],
    ['GET', `${KUBE_SYSTEM}/configmaps/kubeadm-config`],
    ['GET', `${DEFAULT}/configmaps/slipway-addons`],
    ['GET', `${CORE}/nodes`],
  ],
  'slipway:storage-account': [
    ['GET', `${KUBE_SYSTEM}/secrets/vsphere-cloud-secret`],
    ['DELETE', `${KUBE_SYSTEM}/secrets/vsphere-cloud-secret`],
    ['POST', `${KUBE_SYSTEM}/secrets`, {}],
    ['PUT', `${KUBE_SYSTEM}/secrets/vsphere-cloud-secret`, {}],
    ['PATCH', `${KUBE_SYSTEM}/secrets/bootstrap-token-right1`, {}],
    ['PATCH', `${KUBE_SYSTEM}/secrets/vsphere-config-secret`, {}],
    ['PATCH', `${CORE}/namespaces/vmware-system-csi/secrets/vsphere-cloud-secret`, {}],
    ['GET', `${CORE}/namespaces/vmware-system-csi/secrets`],
    ['PATCH', `${DEFAULT}/secrets/vsphere-cloud-secret`, {}],
    ['PATCH', `${KUBE_SYSTEM}/configmaps/kubeadm-config`, {}],
    ['GET', `${KUBE_SYSTEM}/configmaps/vsphere-cloud-config`],
    ['PATCH', '/apis/storage.k8s.io/v1/storageclasses/other', {}],
    ['DELETE', '/apis/storage.k8s.io/v1/storageclasses/slipway'],
    ['GET', `${CORE}/nodes`],
    ['PATCH', `${CORE}/nodes/real-masters-01`, {}],
    ['GET', `${CORE}/pods`],
  ],
};
const NOBODYS: Call[] = [
  ['GET', `${KUBE_SYSTEM}/secrets`],
  ['GET', `${CORE}/secrets`],
  ['GET', `${KUBE_SYSTEM}/secrets/bootstrap-token-right1`],
  ['PATCH', `${KUBE_SYSTEM}/secrets/bootstrap-token-right1`, {}],
  ['DELETE', `${KUBE_SYSTEM}/secrets`],
  ['POST', `${DEFAULT}/secrets`, {}],
  ['DELETE', `${DEFAULT}/secrets/x`],
  ['GET', `${KUBE_SYSTEM}/configmaps`],
  ['POST', `${DEFAULT}/pods`, {}],
  ['POST', `${KUBE_SYSTEM}/serviceaccounts/default/token`, {}],
  ['POST', '/apis/apps/v1/namespaces/kube-system/daemonsets', {}],
  ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'],
  ['POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {}],
  ['PATCH', '/apis/rbac.authorization.k8s.io/v1/clusterroles/slipway:drain-node', {}],
  ['POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests', {}],
  ['GET', '/apis/certificates.k8s.io/v1/certificatesigningrequests'],
  ['GET', '/metrics'],
];

for (const job of [
  'slipway:bootstrap-tokens',
  'slipway:drain-node',
  'slipway:storage-account',
  'slipway:read-addons',
] as const) {
  for (const call of [...OTHERS_JOB[job], ...NOBODYS]) {
    test(`${job} may not ${call[0]} ${call[1]}`, async () => {
      expect(await statusOf(await clientOf(real, job), call)).toBe(403);
    });
  }
}

const secret = (name: string, type: string) => ({ apiVersion: 'v1', kind: 'Secret', type, metadata: { name } });
const TOKEN = 'bootstrap.kubernetes.io/token';
const ACCOUNT = { 'kubernetes.io/service-account.name': 'default' };

test('a certificate for tokens makes no other Secret, and deletes none', async () => {
  const tokens = await clientOf(real, 'slipway:bootstrap-tokens');
  const secrets = `${KUBE_SYSTEM}/secrets`;
  for (const made of [
    secret('other', 'Opaque'),
    secret('bootstrap-token-opaque', 'Opaque'),
    secret('other', TOKEN),
    {
      ...secret('account', 'kubernetes.io/service-account-token'),
      metadata: { name: 'account', annotations: ACCOUNT },
    },
  ]) {
    await expect(tokens.request('POST', secrets, made)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('may make and delete bootstrap tokens only'),
    });
  }
  for (const { metadata, ...kept } of [secret('kept', 'Opaque'), secret('bootstrap-token-kept', 'Opaque')]) {
    await admin.request('POST', secrets, { ...kept, metadata });
    expect(await statusOf(tokens, ['DELETE', `${secrets}/${metadata.name}`])).toBe(403);
    expect(await statusOf(admin, ['DELETE', `${secrets}/${metadata.name}`])).toBe(200);
  }
  await admin.request('POST', secrets, secret('bootstrap-token-right9', TOKEN));
  expect(await statusOf(tokens, ['DELETE', `${secrets}/bootstrap-token-right9`])).toBe(200);
});

test('a certificate for drains cordons a node, and changes nothing else of it', async () => {
  const drains = await clientOf(real, 'slipway:drain-node');
  const node = `${CORE}/nodes/changed`;
  const metadata = { name: 'changed', labels: { tier: 'front' } };
  await admin.request('POST', `${CORE}/nodes`, { apiVersion: 'v1', kind: 'Node', metadata });
  for (const change of [
    { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } }, spec: { unschedulable: true } },
    { metadata: { labels: { tier: null } }, spec: { unschedulable: true } },
    { metadata: { annotations: { note: 'x' } }, spec: { unschedulable: true } },
    { metadata: { finalizers: ['example.com/held'] }, spec: { unschedulable: true } },
    { spec: { unschedulable: true, taints: [{ key: 'x', effect: 'NoExecute' }] } },
    { spec: { unschedulable: true, providerID: 'vsphere://other' } },
    { spec: { unschedulable: false } },
  ]) {
    expect(await statusOf(drains, ['PATCH', node, change]), JSON.stringify(change)).toBe(403);
  }
  expect(await statusOf(drains, ['PATCH', node, { spec: { unschedulable: true } }])).toBe(200);
  expect(await statusOf(drains, ['PATCH', node, { spec: { unschedulable: true } }])).toBe(200);
  const { data } = await admin.request('GET', node);
  expect([data.spec.unschedulable, data.metadata.labels.tier]).toEqual([true, 'front']);
  expect(await statusOf(drains, ['DELETE', node])).toBe(200);
});

test('a certificate of no group of ours may do nothing, and an expired one is nobody', async () => {
  const nobody = await clientOf(real, 'slipway:nothing');
  expect(await statusOf(nobody, ['GET', `${CORE}/nodes`])).toBe(403);
  const expired = await clientOf(real, 'slipway:drain-node', -1);
  await expect(expired.request('GET', `${CORE}/nodes/real-masters-01`)).rejects.toMatchObject({
    name: 'KubernetesDenied',
    status: 401,
  });
});
