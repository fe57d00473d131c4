import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { KubernetesApi } from '../../lib/kubernetes/index.ts';
import { createBootstrapTokens } from '../../lib/operations/create-bootstrap-tokens.ts';
import { deleteBootstrapTokens } from '../../lib/operations/delete-bootstrap-tokens.ts';
import {
  type ClusterCertificates,
  caCertHash,
  deriveBootstrapToken,
  issueClientCertificate,
} from '../../lib/pki/index.ts';
import { GATEWAY } from './network.ts';

const PORT = 8080;
const TOKEN_MINUTES = 30;
export const API_URL = `http://${GATEWAY}:${PORT}`;

/**
 * Answers nodes as our API does, for one cluster, without AWS: the first master leads, and each other node gets a bootstrap
 * token, made in the cluster by our operation, which is gone when the node is ready.
 */
export async function serveApi(
  {
    certificates,
    seed,
    values = certificates,
    etcd = false,
  }: {
    certificates: ClusterCertificates;
    seed: string;
    /** What nodes fetch. */
    values?: object;
    /** Whether it is an etcd cluster: its members join without tokens. */
    etcd?: boolean;
  },
  port = PORT,
): Promise<Server> {
  let leader: { hostname: string; ip: string } | undefined;
  let ready = false;
  const kubernetes = async () =>
    new KubernetesApi({
      server: `https://${leader?.ip}:6443`,
      ca: certificates.kubernetesCaCert,
      ...(await issueClientCertificate({
        caCert: certificates.kubernetesCaSigningCert,
        caKey: certificates.kubernetesCaKey,
        commonName: 'slipway:bootstrap-tokens',
        organizations: ['slipway:bootstrap-tokens'],
        minutes: 10,
      })),
    });

  const routes: Record<string, (body: Record<string, string>, node: string) => Promise<[number, object]>> = {
    'POST pke/status': async () => [200, { processId: 'p-1' }],
    'GET secrets': async () => [200, { values }],
    'POST pke/leader': async ({ hostname = '', ip = '' }) => {
      if (leader) return [409, leader];
      leader = { hostname, ip };
      return [201, {}];
    },
    'GET pke/ready': async () => [200, { ready }],
    'GET bootstrap': async (_, node) => {
      if (etcd) return [200, { masterAddress: `${leader?.ip}:2379` }];
      const token = deriveBootstrapToken(seed, node);
      const expiresAt = new Date(Date.now() + TOKEN_MINUTES * 60_000).toISOString();
      await createBootstrapTokens.run({ kubernetes: await kubernetes() }, { tokens: [token], expiresAt });
      return [
        200,
        {
          token: `${token.id}.${token.secret}`,
          discoveryTokenCaCertHash: caCertHash(certificates.kubernetesCaSigningCert),
          masterAddress: `${leader?.ip}:6443`,
        },
      ];
    },
    'POST pke/ready': async ({ name = '' }, node) => {
      if (name === leader?.hostname) ready = true;
      else if (!etcd) {
        const { id } = deriveBootstrapToken(seed, node);
        await deleteBootstrapTokens.run({ kubernetes: await kubernetes() }, { ids: [id] });
      }
      return [200, {}];
    },
  };

  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname } = new URL(request.url ?? '/', API_URL);
    const route = routes[`${request.method} ${pathname.replace(/^\/api\/v1\/orgs\/1\/(clusters\/7\/)?/, '')}`];
    // A node's token here is its name.
    const node = String(request.headers.authorization).replace('Bearer ', '');
    const [status, body] = await (route?.(text ? JSON.parse(text) : {}, node) ?? [404, {}]);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(port, GATEWAY);
  await once(server, 'listening');
  server.unref();
  return server;
}
