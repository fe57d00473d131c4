/** A file that an add-on is made of, as its makers publish it. */
export interface AddonFile {
  name: string;
  /** Of the file's bytes, in hex: what was read when the version was chosen. */
  sha256: string;
  /** Where its makers publish it. */
  url?: string;
  /** The Go module that holds the same file, for those who reach a module proxy only. */
  module?: { path: string; version: string; file: string };
  /** A Helm chart in a Go module, where its makers publish no manifest: a mirror has what it renders to (`npm run addons`). */
  chart?: { path: string; version: string; directory: string; namespace: string; values: Record<string, string> };
}

/** An add-on, pinned. */
export interface Addon {
  name: string;
  version: string;
  files: readonly AddonFile[];
}

/** Where GitHub serves the files of a repository at a tag. */
const published = (repository: string, tag: string, path: string) =>
  `https://raw.githubusercontent.com/${repository}/${tag}/${path}`;

const CALICO = 'v3.32.1';
const CILIUM = 'v1.20.2';
const METALLB = 'v0.16.2';

/** Every add-on, in the order in which they are applied: pods need a network first, and Services pods. */
export const CATALOGUE = {
  calico: {
    name: 'calico',
    version: CALICO,
    files: [
      {
        name: 'calico-vxlan.yaml',
        sha256: 'c2ab4f9a4ecde01d66e6f040d6745cd7f174d5ded573164c809ffb9f40a9d566',
        url: published('projectcalico/calico', CALICO, 'manifests/calico-vxlan.yaml'),
      },
    ],
  },
  /** Calico with routes by BGP, for IP in IP or no encapsulation. */
  calicoBgp: {
    name: 'calico',
    version: CALICO,
    files: [
      {
        name: 'calico.yaml',
        sha256: 'a1df919d9721cf667accdc3e72848911b0cb25cfab7d2478ad0c996302c95744',
        url: published('projectcalico/calico', CALICO, 'manifests/calico.yaml'),
      },
    ],
  },
  cilium: {
    name: 'cilium',
    version: CILIUM,
    files: [
      {
        name: 'cilium.yaml',
        sha256: '0e4d04b0134cc2b67d271e480a489550607181fca89cc13a42f32762a66e19d2',
        chart: {
          path: 'github.com/cilium/cilium',
          version: CILIUM,
          directory: 'install/kubernetes/cilium',
          namespace: 'kube-system',
          // Hubble would have certificates of its own made at each rendering; addresses of Services are MetalLB's.
          values: {
            'ipam.mode': 'kubernetes',
            'hubble.enabled': 'false',
            'operator.replicas': '1',
            defaultLBServiceIPAM: 'none',
          },
        },
      },
    ],
  },
  metallb: {
    name: 'metallb',
    version: METALLB,
    files: [
      {
        name: 'metallb-native.yaml',
        sha256: 'e5f7c268f114c446dc60aaad71b7cabf861f637743e033e354d7d48592807c6d',
        url: published('metallb/metallb', METALLB, 'config/manifests/metallb-native.yaml'),
        module: { path: 'go.universe.tf/metallb', version: METALLB, file: 'config/manifests/metallb-native.yaml' },
      },
    ],
  },
} as const satisfies Record<string, Addon>;

/** Where a file is below a mirror. */
export function mirrorPath({ name, version }: Addon, file: AddonFile): string {
  return `${name}/${version}/${file.name}`;
}
