import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../cloud/cache.ts';
import { requireVersion, run } from '../cloud/command.ts';

/** The version of Kubernetes that go.mod names. */
export const KUBERNETES_VERSION = '1.36.1';

const COMMANDS = ['kubeadm', 'kubectl', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const MODULE = import.meta.dirname;

/** Where built programs are, one directory each for a PATH. */
export interface Binaries {
  kubernetes: string;
  etcd: string;
  /** Our stand-in for the kubelet. */
  kubelet: string;
}

/**
 * Builds Kubernetes' own commands, etcd and the stand-in for the kubelet from the Go modules into the cache: some minutes the
 * first time, nothing after it.
 */
export async function buildKubernetes(): Promise<Binaries> {
  const module = [join(MODULE, 'go.mod'), join(MODULE, 'go.sum')];
  const version = `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`;
  const sources = readdirSync(join(MODULE, 'kubelet')).map((file) => join(MODULE, 'kubelet', file));
  const etcd = join(MODULE, '..', 'etcd');
  return {
    kubernetes: await build({
      name: `kubernetes-${KUBERNETES_VERSION}`,
      module: MODULE,
      keyedBy: module,
      version,
      programs: COMMANDS.map((name) => ({ name, source: `k8s.io/kubernetes/cmd/${name}` })),
    }),
    etcd: await build({
      name: 'etcd',
      module: etcd,
      keyedBy: [join(etcd, 'go.mod'), join(etcd, 'go.sum')],
      programs: [
        { name: 'etcd', source: 'go.etcd.io/etcd/server/v3' },
        { name: 'etcdctl', source: 'go.etcd.io/etcd/etcdctl/v3' },
      ],
    }),
    kubelet: await build({
      name: 'kubelet-stand-in',
      module: MODULE,
      keyedBy: [...module, ...sources],
      version,
      programs: [{ name: 'kubelet', source: './kubelet' }],
    }),
  };
}

/** Builds programs of a Go module into the cache, keyed by some of its files. @returns their directory */
async function build(options: {
  name: string;
  module: string;
  keyedBy: string[];
  version?: string;
  programs: { name: string; source: string }[];
}): Promise<string> {
  const { name, module, keyedBy, version = '', programs } = options;
  const hash = createHash('sha256');
  for (const file of keyedBy.sort()) hash.update(readFileSync(file));
  const directory = cacheDirectory(name, hash.digest('hex').slice(0, 16));
  for (const program of programs) {
    const binary = join(directory, program.name);
    if (existsSync(binary)) continue;
    await requireVersion('go', ['version'], [1, 26]);
    await run('go', ['build', '-trimpath', '-ldflags', `-s -w ${version}`, '-o', binary, program.source], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  }
  return directory;
}
