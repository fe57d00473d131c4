import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestinfo, renderMetadata, renderUserData } from '../../lib/bootstrap/index.ts';
import { describeNode } from '../fixtures/describe-node.ts';
import { able, type Booted, firstBoot } from './first-boot.ts';

const NAME = 'demo-workers-01';
const INSTANCE = '8a6e0804-2bd0-8672-8b79-d97027f9071a';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGI4 eve';

const userDataWith = (keys: string[]) =>
  renderUserData(
    describeNode({ node: { labels: { tier: 'it\'s "front"' } }, token: 'the-token', ssh: { user: 'ops', keys } }),
  );

describe.skipIf(!able).each([
  { image: 'ours' as const, keys: [KEY] },
  { image: 'plain' as const, keys: [] },
])('a node of an image that is $image, with the SSH keys $keys', ({ image, keys }) => {
  let node: Booted;
  beforeAll(async () => {
    const metadata = renderMetadata({ instanceId: INSTANCE, hostname: NAME });
    node = await firstBoot(guestinfo({ userData: userDataWith(keys), metadata }), image);
  });
  afterAll(() => node?.dispose());

  test('is told by the VMware datasource, and asks no other', () => {
    expect(node.read('run/cloud-init/cloud.cfg')).toBe('datasource_list: [ VMware, None ]\n');
    const query = JSON.parse(node.read('answers/query.json'));
    expect(query).toMatchObject({ cloud_id: 'vmware', subplatform: 'guestinfo (guestinfo.metadata)' });
    expect(JSON.parse(node.read('run/cloud-init/result.json')).v1).toEqual({
      datasource: 'DataSourceVMware',
      errors: [],
    });
  });

  test('has the instance id and the host name of the metadata', () => {
    const query = JSON.parse(node.read('answers/query.json'));
    expect(query).toMatchObject({ instance_id: INSTANCE, local_hostname: NAME });
    expect(node.read('answers/hostname').trim()).toBe(NAME);
    expect(node.read('etc/hostname').trim()).toBe(NAME);
  });

  test('has user data that keeps to cloud-init’s schema, read without a warning', () => {
    expect(node.read('answers/schema')).toMatch(/^Valid cloud-config/);
    expect(node.read('var/log/cloud-init.log').match(/.*\[(WARNING|ERROR|CRITICAL)\].*/g)).toBeNull();
  });

  test('takes its address by DHCP, since the metadata has no network', () => {
    expect(node.read('etc/network/interfaces.d/50-cloud-init')).toMatch(/^iface ens192 inet dhcp$/m);
  });

  test('has its files, unchanged and for root alone', () => {
    const { write_files: files } = JSON.parse(userDataWith(keys).replace('#cloud-config\n', ''));
    expect(files.length).toBeGreaterThan(3);
    for (const { path, content, permissions } of files) {
      expect(node.read(path), path).toBe(content);
      expect(node.mode(path), path).toBe(Number.parseInt(permissions, 8));
    }
  });

  test('has a user who may sign in with the keys, and with nothing else', () => {
    expect(node.read('etc/passwd')).toMatch(/^ops:.*:\/bin\/bash$/m);
    expect(node.read('etc/shadow')).toMatch(/^ops:!/m);
    expect(node.read('etc/sudoers.d/90-cloud-init-users')).toContain('ops ALL=(ALL) NOPASSWD:ALL');
    if (keys.length > 0) expect(node.read('home/ops/.ssh/authorized_keys').trim()).toBe(KEY);
    expect(node.read('etc/passwd')).not.toMatch(/^debian:/m);
  });

  if (image === 'ours') {
    test('is a machine of its own, of which nothing was in the image', () => {
      expect(node.read('etc/machine-id')).toBe('');
      expect(node.read('etc/ssh/ssh_host_ed25519_key.pub')).not.toBe(node.read('answers/old-key.pub'));
      expect(node.read('etc/network/interfaces')).toBe('source /etc/network/interfaces.d/*\n');
      expect(node.read('var/log/installer.log')).toBe('');
      expect(() => node.read('etc/netplan/00-installer.yaml')).toThrow(/ENOENT/);
      expect(() => node.read('var/lib/cloud/instances/old')).toThrow(/ENOENT/);
    });

    test('was checked: what it has and what it lacks are told apart', () => {
      const lines = node.read('answers/check').split('\n');
      const rest = (word: string) => lines.filter((line) => line.startsWith(word)).map((line) => line.slice(8));
      expect(rest('ok')).toEqual(expect.arrayContaining(['curl', 'kubeadm', 'cloud-init asks the VMware datasource']));
      expect(rest('MISSING')).toEqual(
        expect.arrayContaining(['containerd', 'kubelet', 'containerd 2.0 or newer', 'Kubernetes 1.36.1']),
      );
    });
  }

  test('runs the node program to its end', () => {
    expect(node.read('answers/tools').trim().split('\n')).toEqual([
      'systemctl enable --now --no-block slipway-node.service',
      'systemctl enable --now containerd kubelet',
      'kubeadm join --config /etc/kubernetes/kubeadm.yaml',
    ]);
    expect(node.read('answers/asked').trim().split('\n').at(-1)).toBe(
      'https://api.test/api/v1/orgs/1/clusters/7/pke/ready',
    );
  });

  test('has the token in no log', () => {
    for (const log of ['cloud-init.log', 'cloud-init-output.log', 'slipway.log'])
      expect(node.read(`var/log/${log}`), log).not.toContain('the-token');
  });
});
