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

interface Program {
  name: string;
  source: string;
}

/** What is built from one Go module into one directory. */
interface Build {
  name: string;
  module: string;
  /** Files that make the difference. */
  keyedBy: string[];
  version?: string;
  programs: Program[];
}

function builds(): Record<keyof Binaries, Build> {
  const module = [join(MODULE, 'go.mod'), join(MODULE, 'go.sum')];
  const version = `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`;
  const sources = readdirSync(join(MODULE, 'kubelet')).map((file) => join(MODULE, 'kubelet', file));
  const etcd = join(MODULE, '..', 'etcd');
  return {
    kubernetes: {
      name: `kubernetes-${KUBERNETES_VERSION}`,
      module: MODULE,
      keyedBy: module,
      version,
      programs: COMMANDS.map((name) => ({ name, source: `k8s.io/kubernetes/cmd/${name}` })),
    },
    etcd: {
      name: 'etcd',
      module: etcd,
      keyedBy: [join(etcd, 'go.mod'), join(etcd, 'go.sum')],
      programs: [
        { name: 'etcd', source: 'go.etcd.io/etcd/server/v3' },
        { name: 'etcdctl', source: 'go.etcd.io/etcd/etcdctl/v3' },
      ],
    },
    kubelet: {
      name: 'kubelet-stand-in',
      module: MODULE,
      keyedBy: [...module, ...sources],
      version,
      programs: [{ name: 'kubelet', source: './kubelet' }],
    },
  };
}

/**
 * Builds Kubernetes' own commands, etcd and the stand-in for the kubelet from the Go modules into the cache: some minutes the
 * first time, nothing after it.
 * @param step told of each program before it is built
 */
export async function buildKubernetes(step: (program: string) => void = () => undefined): Promise<Binaries> {
  const built: Partial<Binaries> = {};
  for (const [key, each] of Object.entries(builds())) built[key as keyof Binaries] = await build(each, step);
  return built as Binaries;
}

/** Whether all of it is in the cache. */
export function isBuilt(): boolean {
  return Object.values(builds()).every((each) => missing(each).length === 0);
}

const directoryOf = ({ name, keyedBy }: Build) => {
  const hash = createHash('sha256');
  for (const file of keyedBy.sort()) hash.update(readFileSync(file));
  return cacheDirectory(name, hash.digest('hex').slice(0, 16));
};

function missing(built: Build): Program[] {
  const directory = directoryOf(built);
  return built.programs.filter(({ name }) => !existsSync(join(directory, name)));
}

/** Builds programs of a Go module into the cache. @returns their directory */
async function build(built: Build, step: (program: string) => void): Promise<string> {
  const { module, version = '' } = built;
  const directory = directoryOf(built);
  for (const { name, source } of missing(built)) {
    step(name);
    await requireVersion('go', ['version'], [1, 26]);
    await run('go', ['build', '-trimpath', '-ldflags', `-s -w ${version}`, '-o', join(directory, name), source], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  }
  return directory;
}
