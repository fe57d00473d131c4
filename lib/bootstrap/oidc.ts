/** The OpenID Connect issuer of a cluster's users, as its nodes are told. */
export interface OidcDescription {
  issuerUrl: string;
  clientId: string;
  /** PEM */
  ca?: string;
  usernameClaim: string;
  usernamePrefix: string;
  groupsClaim: string;
  groupsPrefix: string;
  admins: readonly string[];
}

/** Where a node is told the issuer's authority, and where the node program puts it: a directory that the API server's pod has. */
export const OIDC_CA_FILE = '/etc/slipway/oidc-ca.crt';
const IN_POD = '/etc/kubernetes/pki/oidc-ca.crt';

/** All that the API server knows; by default it would take RS256 alone. */
const SIGNING_ALGORITHMS = ['RS', 'ES', 'PS'].flatMap((kind) => ['256', '384', '512'].map((bits) => kind + bits));

/**
 * The API server's arguments about it, as lines of kubeadm's `extraArgs`. Flags, since each version that Slipway installs has
 * them, and all control-plane nodes share them by kubeadm's own configuration.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
 */
export function oidcArguments(oidc: OidcDescription): string {
  const flags = {
    'oidc-issuer-url': oidc.issuerUrl,
    'oidc-client-id': oidc.clientId,
    ...(oidc.ca && { 'oidc-ca-file': IN_POD }),
    'oidc-username-claim': oidc.usernameClaim,
    'oidc-username-prefix': oidc.usernamePrefix,
    'oidc-groups-claim': oidc.groupsClaim,
    'oidc-groups-prefix': oidc.groupsPrefix,
    'oidc-signing-algs': SIGNING_ALGORITHMS.join(','),
  };
  return Object.entries(flags)
    .map(([name, value]) => `    - { name: ${name}, value: ${JSON.stringify(value)} }\n`)
    .join('');
}
