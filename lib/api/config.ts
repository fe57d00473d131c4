import * as z from 'zod/mini';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { invalidSpec } from '../errors.ts';
import { parse } from '../parse.ts';
import { type Credentials, kubeconfig } from '../pki/index.ts';
import { recordEvent } from '../store/events.ts';
import { issueUserCertificate, reachableCluster, roleFor, type User, userName } from './user-certificate.ts';

/** Hours for which a certificate in a kubeconfig is good. */
const HOURS = 8;

const query = z.object({
  form: z._default(z.enum(['certificate', 'exec', 'oidc']), 'certificate'),
  role: z.optional(z.enum(['viewer', 'operator', 'admin'])),
});

/**
 * Writes a kubeconfig. `form` says how the user is known in it: by a certificate that expires; by `exec`, which asks Slipway's
 * command line for one at each use; or by `oidc`, which asks the issuer that the cluster trusts. Only the first has a secret.
 * @returns the file in base64; `expiresAt` is null where it does not expire
 * @throws NotFound, Conflict where the cluster has no API server yet, Forbidden, InvalidSpec
 */
export async function issueKubeconfig(
  organization: number,
  clusterId: number,
  user: User,
  parameters: Record<string, string | undefined>,
) {
  const { form, role: wanted } = parse(query, parameters, 'query');
  const role = roleFor(user, wanted);
  const { cluster, server, certificates } = await reachableCluster(organization, clusterId);
  const write = (name: string, credentials: Credentials, expiresAt: string | null) => ({
    config: Buffer.from(
      kubeconfig({ clusterName: cluster.name, server, caCert: certificates.kubernetesCaCert, user: name, credentials }),
    ).toString('base64'),
    expiresAt,
  });
  if (form === 'oidc') return write('oidc', oidcCredentials(cluster), null);
  if (form === 'exec') return write(userName(user), execCredentials(cluster, wanted), null);
  const { expiresAt, ...client } = await issueUserCertificate(certificates, user, role, HOURS * 60);
  await recordEvent(clusterId, {
    type: 'KubeconfigIssued',
    message: `A kubeconfig was issued to ${user.subject} as ${role} for ${HOURS} hours`,
  });
  return write(userName(user), client, expiresAt);
}

/** kubelogin, the plugin of kubectl that signs in to an issuer: https://github.com/int128/kubelogin */
function oidcCredentials({ name, spec }: Cluster): Credentials {
  const { oidc } = spec.kubernetes;
  if (!oidc?.enabled) {
    throw invalidSpec(
      `form: cluster ${name} trusts no OIDC issuer (kubernetes.oidc of its description): use form=exec or form=certificate`,
    );
  }
  const args = [
    'oidc-login',
    'get-token',
    `--oidc-issuer-url=${oidc.issuerUrl}`,
    `--oidc-client-id=${oidc.clientId}`,
    ...['email', 'profile', 'groups']
      .filter((scope) => [oidc.usernameClaim, oidc.groupsClaim].includes(scope))
      .map((scope) => `--oidc-extra-scope=${scope}`),
    ...(oidc.ca ? [`--certificate-authority-data=${Buffer.from(oidc.ca).toString('base64')}`] : []),
  ];
  const installHint = 'Install kubelogin, the plugin oidc-login of kubectl: kubectl krew install oidc-login';
  return { exec: { command: 'kubectl', args, installHint, interactive: true } };
}

function execCredentials({ id, organization }: Cluster, role: string | undefined): Credentials {
  return {
    exec: {
      command: 'slipway',
      args: ['credential', String(id), ...(role ? ['--role', role] : [])],
      env: [
        { name: 'SLIPWAY_API', value: settings().SLIPWAY_API_URL },
        { name: 'SLIPWAY_ORGANIZATION', value: String(organization) },
      ],
      installHint: "Put Slipway's command line on the PATH, and a token in SLIPWAY_TOKEN",
      interactive: false,
    },
  };
}
