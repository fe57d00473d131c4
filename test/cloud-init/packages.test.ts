import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestinfo, renderMetadata, renderUserData } from '../../lib/bootstrap/index.ts';
import { describeNode } from '../fixtures/describe-node.ts';
import { able, type Booted, firstBoot } from './first-boot.ts';
import { makeRepositories } from './repository.ts';

const CODENAME = 'bookworm';
const SERVER = 'http://127.0.0.1:8000';
/** What a stand-in of this machine leaves for a test to read. */
const noted = (name: string) => `[ "$1" = version ] && echo v1.36.1 || echo "${name} $*" >>/answers/tools`;

describe.skipIf(!able)('a node of an image without Kubernetes and a container runtime', () => {
  let node: Booted;
  let fingerprint: string;

  beforeAll(async () => {
    const metadata = renderMetadata({ instanceId: 'i-1', hostname: 'demo-workers-01' });
    const tell = (root: string) => {
      fingerprint = makeRepositories(
        `${root}/mirror`,
        {
          path: 'kubernetes',
          packages: [
            // Newer ones are there as well.
            ...['1.36.1-1.1', '1.36.2-1.1'].flatMap((version) =>
              ['kubelet', 'kubeadm', 'kubectl'].map((name) => ({ name, version, program: noted(name) })),
            ),
          ],
        },
        {
          ...{ path: 'containerd', codename: CODENAME },
          packages: [{ name: 'containerd.io', version: '2.1.0', program: "echo 'SystemdCgroup = false'" }],
        },
      );
      const key = { key: `${SERVER}/key.asc`, fingerprint };
      const packages = {
        kubernetes: { apt: `${SERVER}/kubernetes/`, ...key },
        containerd: { apt: `${SERVER}/containerd`, ...key },
      };
      return guestinfo({ userData: renderUserData(describeNode({ cluster: { packages } })), metadata });
    };
    node = await firstBoot(tell, 'plain', { lacks: ['kubeadm'], codename: CODENAME });
  });
  afterAll(() => node?.dispose());

  test('installs them by apt from the repositories, at the cluster’s version, and joins', () => {
    expect(node.read('answers/tools')).toMatch(/^kubeadm join --config/m);
    expect(node.read('var/log/slipway.log')).toMatch(/ready$/m);
    const status = node.read('var/lib/dpkg/status').split('\n\n');
    const field = (text: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
    const installed = status.map((text) => ['Package', 'Status', 'Version'].map((name) => field(text, name)).join(' '));
    expect(installed).toEqual(
      expect.arrayContaining([
        ...['kubelet', 'kubeadm', 'kubectl'].map((name) => `${name} hold ok installed 1.36.1-1.1`),
        'containerd.io hold ok installed 2.1.0',
      ]),
    );
  });

  test('believes the repositories by the key alone', () => {
    expect(node.read('etc/apt/sources.list.d/kubernetes.list')).toBe(
      `deb [signed-by=/etc/apt/keyrings/kubernetes.gpg] ${SERVER}/kubernetes/ /\n`,
    );
    expect(node.read('var/log/slipway.log')).not.toMatch(/NO_PUBKEY|not signed|WARNING/);
  });

  test('has what kubeadm wants of the kernel and of containerd', () => {
    expect(node.read('etc/sysctl.d/90-kubernetes.conf')).toContain('net.ipv4.ip_forward = 1');
    expect(node.read('etc/containerd/config.toml')).toBe('SystemdCgroup = true\n');
  });
});
