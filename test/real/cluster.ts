import type { NodeDescription } from '../../lib/bootstrap/index.ts';
import type { Cluster } from '../../lib/cluster/cluster.ts';
import type { Node } from '../../lib/cluster/node.ts';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { type ClusterCertificates, issueClientCertificate } from '../../lib/pki/index.ts';
import { KUBERNETES_VERSION } from '../../local/kubernetes/binaries.ts';
import type { RealIssuer } from './issuer.ts';
import type { Machine } from './machine.ts';
import { API_URL } from './slipway-api.ts';

/** The cluster that all tests share: its leader is up. */
export interface Real {
  issuer: RealIssuer;
  leader: Machine;
  certificates: ClusterCertificates;
  /** Of which bootstrap tokens are derived. */
  seed: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    real: Real;
  }
}

/** The issuer of users that the cluster trusts. */
export function oidcOf({ issuer: { url, ca } }: Pick<Real, 'issuer'>) {
  return {
    enabled: true as const,
    issuerUrl: url,
    clientId: 'kubernetes',
    ca,
    usernameClaim: 'email',
    usernamePrefix: 'oidc:',
    groupsClaim: 'groups',
    groupsPrefix: 'oidc:',
    admins: ['platform'],
  };
}

/** What a node of the cluster is told. */
export function describeNode(
  name: string,
  role: 'master' | 'worker',
  oidc?: NodeDescription['cluster']['oidc'],
): NodeDescription {
  return {
    node: { name, pool: `${role}s`, role, labels: { tier: 'test' } },
    cluster: {
      id: 7,
      organization: 1,
      name: 'real',
      kubernetesVersion: KUBERNETES_VERSION,
      serviceCIDR: '10.96.0.0/12',
      podCIDR: '10.244.0.0/16',
      cloudProvider: 'vsphere',
      keyAlgorithm: 'ecdsa-p256',
      oidc,
    },
    apiUrl: API_URL,
    token: name,
    ssh: { user: 'ops', keys: [] },
  };
}

/** The cluster's record, as far as the connector reads it. */
export function recordOf({ leader, issuer }: Real): Cluster {
  return {
    id: 7,
    organization: 1,
    name: 'real',
    status: 'RUNNING',
    spec: { nodepools: [{ roles: ['master'] }], kubernetes: { oidc: oidcOf({ issuer }) } },
    leader: { hostname: leader.name, ip: leader.address, epoch: 1, ready: true },
  } as unknown as Cluster;
}

/** A master's record, as far as the connector reads it. */
export function masterRecord({ name, address }: Machine): Node {
  return { name, address, role: 'master', status: 'ready' } as unknown as Node;
}

/** A client of the API server with a certificate of ours. */
export async function clientOf({ leader, certificates }: Real, group: string, minutes = 10): Promise<KubernetesApi> {
  const certificate = await issueClientCertificate({
    caCert: certificates.kubernetesCaSigningCert,
    caKey: certificates.kubernetesCaKey,
    commonName: group,
    organizations: [group],
    minutes,
  });
  return new KubernetesApi({
    server: `https://${leader.address}:6443`,
    ca: certificates.kubernetesCaCert,
    ...certificate,
  });
}
