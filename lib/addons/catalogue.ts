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
const CLOUD_PROVIDER = 'v1.36.0';
const STORAGE_DRIVER = 'v3.7.3';
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
  /** One file a minor version of Kubernetes, by whose number it is called. */
  cloudProvider: {
    name: 'vsphere-cloud-provider',
    version: CLOUD_PROVIDER,
    files: Object.entries({
      31: '61502c21b95c619ddf8c8e8db908caa1af5ec59446de404726eb2c6aa240d116',
      32: '074da32ffa75a1a395637ecace67f2f950de2303e72ed7d99bafb86bee433bd3',
      33: '266be45e6f2e36831e8ea4b41a68ab0dd1a8e953dfecece438b98fb2bcdc56ac',
      34: '9def747cdb1c6a68e718206127c41fa56d7bcb450b4980de2c4b85d0d16824c7',
      35: 'a1f640c7ac13ee4e6c50944c136d08794e120d73a80e06b0a52ec777dc8aa2e6',
      36: 'ec84c52165cf4517110be6d50edf2204c4cb8ab65794229a700cc3e36247b1e7',
    }).map(([minor, sha256]) => {
      const file = `releases/v1.${minor}/vsphere-cloud-controller-manager.yaml`;
      return {
        name: `vsphere-cloud-controller-manager-1.${minor}.yaml`,
        sha256,
        url: published('kubernetes/cloud-provider-vsphere', CLOUD_PROVIDER, file),
        module: { path: 'k8s.io/cloud-provider-vsphere', version: CLOUD_PROVIDER, file },
      };
    }),
  },
  storageDriver: {
    name: 'vsphere-csi',
    version: STORAGE_DRIVER,
    files: [
      {
        name: 'namespace.yaml',
        sha256: '3585db4e4ff02c86d515c5be94ca67443c25733a4013246ca1ad8ba8cf7b885f',
        url: published('kubernetes-sigs/vsphere-csi-driver', STORAGE_DRIVER, 'manifests/vanilla/namespace.yaml'),
      },
      {
        name: 'vsphere-csi-driver.yaml',
        sha256: '594c5769f14de0bd89309edca0c15e29efb73bd7e727833965e0ee41dac38531',
        url: published(
          'kubernetes-sigs/vsphere-csi-driver',
          STORAGE_DRIVER,
          'manifests/vanilla/vsphere-csi-driver.yaml',
        ),
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

/** The cloud provider's file for a version of Kubernetes: of its minor version, or the newest that there is. */
export function cloudProviderFile(kubernetesVersion: string): AddonFile {
  const { files } = CATALOGUE.cloudProvider;
  const minor = kubernetesVersion.split('.').slice(0, 2).join('.');
  return files.find(({ name }) => name.endsWith(`-${minor}.yaml`)) ?? (files.at(-1) as AddonFile);
}
