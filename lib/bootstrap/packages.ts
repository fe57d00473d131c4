import containerdScript from '../../images/scripts/containerd.sh';
import kernelScript from '../../images/scripts/kernel.sh';
import aptScript from '../../images/scripts/packages-apt.sh';
import dnfScript from '../../images/scripts/packages-dnf.sh';
import type { Packages } from '../cluster/packages.ts';
import functions from './packages.sh';
import { assignments } from './quote.ts';

type File = [path: string, content: string, permissions: string];

/** The files of a node that installs what its image lacks: where from, how, and the scripts that make our images. */
export function packageFiles({ kubernetes, containerd }: Packages): File[] {
  const environment = assignments({
    KUBERNETES_APT: kubernetes.apt ?? '',
    KUBERNETES_DNF: kubernetes.dnf ?? '',
    KUBERNETES_KEY: kubernetes.key ?? '',
    KUBERNETES_FINGERPRINT: kubernetes.fingerprint ?? '',
    CONTAINERD_APT: containerd?.apt ?? '',
    CONTAINERD_DNF: containerd?.dnf ?? '',
    CONTAINERD_KEY: containerd?.key ?? '',
    CONTAINERD_FINGERPRINT: containerd?.fingerprint ?? '',
  });
  const script = (name: string, content: string): File => [`/var/lib/slipway/install/${name}`, content, '0700'];
  return [
    ['/etc/slipway/packages.env', environment, '0600'],
    ['/var/lib/slipway/packages.sh', functions, '0700'],
    script('kernel.sh', kernelScript),
    ...(kubernetes.apt ? [script('packages-apt.sh', aptScript)] : []),
    ...(kubernetes.dnf ? [script('packages-dnf.sh', dnfScript)] : []),
    ...(containerd ? [script('containerd.sh', containerdScript)] : []),
  ];
}
