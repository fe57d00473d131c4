import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { deriveBootstrapToken } from '../../lib/pki/index.ts';
import { decodeUserData } from '../../local/guest/cloud-init.ts';
import { findSecrets, type Hit, type Place, type Secret } from '../secrecy/find-secrets.ts';
import * as places from '../secrecy/places.ts';
import { cookiesOf, secretsOf } from '../secrecy/secrets-of.ts';
import {
  api,
  aws,
  cloud,
  control,
  description,
  gone,
  registerConnection,
  scaleCheck,
  settled,
  until,
  vms,
} from './harness.ts';

/** In no secret, and in every place: that it is found there shows that the place was searched. */
const CANARY = 'secrecy-canary';
/** What has a meaning in a shell, in JSON and in a URL. */
const PROXY_PASSWORD = `pass "$word"\\ &é ${randomBytes(8).toString('hex')}`;

let connectionId: string;
beforeAll(async () => {
  connectionId = await registerConnection();
});

/** All that Secrets Manager keeps. */
async function kept(): Promise<Secret[]> {
  const { SecretList } = await aws<{ SecretList: { Name: string }[] }>('secretsmanager', 'secretsmanager.ListSecrets', {
    MaxResults: 100,
  });
  const all: Secret[] = [];
  for (const { Name } of SecretList) {
    const value = await aws<{ SecretString: string }>('secretsmanager', 'secretsmanager.GetSecretValue', {
      SecretId: Name,
    });
    all.push(...secretsOf(Name.replace('slipway/local/', ''), JSON.parse(value.SecretString)));
  }
  return all;
}

/** The token that each VM was given, from its guestinfo. */
function nodeTokens(): Secret[] {
  return places.virtualMachines().flatMap(({ where, content }) => {
    const { extraConfig } = JSON.parse(String(content));
    if (!extraConfig?.['guestinfo.userdata']) return [];
    const file = decodeUserData(extraConfig).write_files.find(({ path }) => path === '/etc/slipway/authorization');
    return [
      {
        name: `token of ${where.replace('VM ', '')}`,
        value: String(file?.content)
          .trim()
          .replace(/^.*Bearer /, ''),
      },
    ];
  });
}

/** The places where a secret has to be: on the machine that needs it, and a proxy's password in what that is told. */
function belongs({ secret, where }: Hit, clusterId: number): boolean {
  if (where.startsWith('VM ')) return secret === 'proxy' || secret === `token of ${where.slice('VM '.length)}`;
  const [, guest = '', file = ''] = /^guests\/(.+)-[0-9a-f]{8}-[-0-9a-f]{27}\/(.*)$/.exec(where) ?? [];
  if (secret === 'proxy') return /^(etc\/slipway\/proxy\.(env|curl|environment)|etc\/(apt|dnf)\/.*)$/.test(file);
  if (secret.startsWith('token of')) return file === 'etc/slipway/authorization' && secret === `token of ${guest}`;
  const key = secret.replace(`clusters/${clusterId}.certificates.`, '');
  return guest.includes('-masters-') && ON_MASTERS[file] === key;
}
const ON_MASTERS: Record<string, string> = {
  'etc/kubernetes/pki/ca.key': 'kubernetesCaKey',
  'etc/kubernetes/pki/etcd/ca.key': 'etcdCaKey',
  'etc/kubernetes/pki/front-proxy-ca.key': 'frontProxyCaKey',
  'etc/kubernetes/pki/sa.key': 'saKey',
  'etc/kubernetes/encryption.yaml': 'enc',
};

test('no secret of a whole life is in a history, log, event, record or guestinfo, nor on a machine that does not need it', async () => {
  const ssh = { user: 'ops', publicKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGI4 eve'] };
  const made = [(await api('POST', '/secrets', { name: 'secrecy-ssh', type: 'ssh', values: ssh })).body.id];
  const values = { username: 'eve', password: PROXY_PASSWORD };
  made.push((await api('POST', '/secrets', { name: 'secrecy-proxy', type: 'password', values })).body.id);
  const special = {
    sshSecretName: 'secrecy-ssh',
    proxy: { https: { host: 'proxy.lab', port: 3128, secretName: 'secrecy-proxy' } },
    kubernetes: { certificates: { algorithm: 'rsa-2048', keepRootKey: true } },
  };
  const run = async (work: () => Promise<unknown>) => {
    await work();
    expect(await settled(id)).toMatchObject({ status: 'RUNNING' });
  };
  const { body: failed } = await api('POST', '/clusters', {
    ...description('secrecy-failed', 1, 0),
    folder: 'nowhere',
  });
  const { id } = (await api('POST', '/clusters', description(CANARY, 3, 1, special))).body;
  await run(async () => undefined);
  const { config } = (await api('GET', `/clusters/${id}/config`)).body;
  const before = nodeTokens();
  await run(() => api('PUT', `/clusters/${id}/nodepools/workers`, { size: 2 }));
  const { leader } = (await api('GET', `/clusters/${id}`)).body;
  const old = (await vms()).find(({ name }) => name === leader)?.instanceUuid;
  await run(async () => {
    await control('POST', `/vms/${leader}/kill`);
    await scaleCheck();
    await until(vms, (all) => all.some(({ name, instanceUuid }) => name === leader && instanceUuid !== old));
  });

  const secrets = await kept();
  const ours = secrets.filter(({ name }) => name.startsWith(`clusters/${id}.`));
  expect(ours.map(({ name }) => name.split('.').at(-1)).sort()).toEqual(
    ['bootstrapSeed', 'enc', 'etcdCaKey', 'frontProxyCaKey', 'kubernetesCaKey', 'rootCaKey', 'saKey'].sort(),
  );
  const proxy = secrets.find(({ value }) => value === PROXY_PASSWORD) as Secret;
  proxy.name = 'proxy';
  const seed = ours.find(({ name }) => name.endsWith('.bootstrapSeed'))?.value ?? '';
  const nodes: { name: string; instanceUuid: string }[] = (await api('GET', `/clusters/${id}/nodes`)).body;
  expect(nodes).toHaveLength(5);
  for (const { name, instanceUuid } of nodes)
    secrets.push({ name: `bootstrap token of ${name}`, value: deriveBootstrapToken(seed, instanceUuid).secret });
  const tokens = nodeTokens().filter(({ name }) => name.includes(CANARY));
  expect(tokens).toHaveLength(5);
  // A machine of the same name had another: it is no good any more, and as secret as the others.
  secrets.push(
    ...tokens,
    ...before
      .filter(({ value }) => !tokens.some((token) => token.value === value))
      .map((token) => ({ ...token, name: `former ${token.name}` })),
  );
  const key = JSON.parse(Buffer.from(config, 'base64').toString()).users[0].user['client-key-data'];
  secrets.push({ name: "kubeconfig's key", value: Buffer.from(key, 'base64').toString() });
  secrets.push({ name: "user's token", value: cloud.token });
  const records = await places.table();
  const cookies = cookiesOf(String(records.content), cloud.vcenter, connectionId);
  expect(cookies.length).toBeGreaterThan(0);
  secrets.push(...cookies);

  const told: Place[] = [records, ...(await places.answers(id)), ...places.virtualMachines(), ...places.files()];
  await api('DELETE', `/clusters/${id}`);
  await gone(id);
  await settled(failed.id);
  await api('DELETE', `/clusters/${failed.id}`);
  await gone(failed.id);
  for (const secret of made) expect((await api('DELETE', `/secrets/${secret}`)).status).toBe(200);
  const after = await places.table();
  told.push(...(await places.executions()), ...(await places.logs()), { ...after, where: 'table afterwards' });

  const hits = findSecrets(secrets, told);
  expect(hits.filter((hit) => !belongs(hit, id) && !hit.secret.startsWith('former '))).toEqual([]);
  // A token that is no good any more is on the disk of the machine that is gone.
  const former = hits.filter(({ secret }) => secret.startsWith('former '));
  for (const { where } of former) expect(where).toMatch(/^guests\/.*\/etc\/slipway\/authorization$/);

  // The exceptions, counted: what each VM is told, compressed in base64.
  const inGuestinfo = hits.filter(({ where }) => where.startsWith(`VM ${CANARY}`));
  expect(inGuestinfo).toHaveLength(2 * 5);
  for (const { how } of inGuestinfo) expect(how).toMatch(/gzip/);
  // And every authority's key, on three masters, and on the leader's before it was replaced.
  for (const name of Object.values(ON_MASTERS)) {
    const on = hits.filter(({ secret }) => secret === `clusters/${id}.certificates.${name}`);
    expect(new Set(on.map(({ where }) => where.split('/')[1])).size, name).toBeGreaterThanOrEqual(3);
  }

  const seen = findSecrets([{ name: 'canary', value: CANARY }], told).map(({ where }) => where);
  for (const place of ['table', 'answer of /clusters', `VM ${CANARY}-workers-01`]) expect(seen).toContain(place);
  for (const kind of [/^log of /, /\/etc\/slipway\/node\.env$/])
    expect(
      seen.some((where) => kind.test(where)),
      String(kind),
    ).toBe(true);
  expect(told.filter(({ where }) => where.endsWith('/var/log/slipway.log')).length).toBeGreaterThanOrEqual(5);
  // Histories have the cluster's number alone.
  const about = new RegExp(`clusterId\\\\*": *${id}\\b`);
  const runs = told.filter(({ content }) => about.test(String(content))).map(({ where }) => where);
  for (const workflow of ['create', 'converge', 'delete'].map((each) => `${each}-cluster`).concat('launch-nodes'))
    expect(runs).toContain(`execution of ${workflow}`);
});
