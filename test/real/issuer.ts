import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { createClusterCertificates } from '../../lib/pki/index.ts';
import { serverCertificate } from '../../local/guest/certificate.ts';
import { GATEWAY } from './network.ts';

const PORT = 8443;

/** An OpenID Connect issuer that the cluster trusts: what a test needs to sign tokens as it would. */
export interface RealIssuer {
  url: string;
  /** PEM of the authority of its server's certificate. */
  ca: string;
  key: JWK;
}

/** Serves discovery and keys over https, on an authority of its own. */
export async function serveIssuer(directory: string): Promise<{ issuer: RealIssuer; server: Server }> {
  const { rootCaCert, rootCaKey = '' } = await createClusterCertificates({ name: 'issuer', keepRootKey: true });
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const ca = file('issuer-ca.crt', rootCaCert);
  const tls = serverCertificate(directory, 'issuer', ca, file('issuer-ca.key', rootCaKey), [GATEWAY]);
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const url = `https://${GATEWAY}:${PORT}`;
  const pages: Record<string, unknown> = {
    '/.well-known/openid-configuration': {
      issuer: url,
      jwks_uri: `${url}/keys`,
      id_token_signing_alg_values_supported: ['ES256'],
    },
    '/keys': { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] },
  };
  const server = createServer({ cert: tls.cert, key: tls.key }, ({ url: path = '' }, response) => {
    response.writeHead(pages[path] ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(pages[path] ?? {}));
  });
  server.listen(PORT, GATEWAY);
  await once(server, 'listening');
  server.unref();
  return { issuer: { url, ca: rootCaCert, key: { ...(await exportJWK(privateKey)), alg: 'ES256' } }, server };
}

/** A token as the issuer signs it, for ten minutes; claims given replace its own. */
export async function tokenFrom({ url, key }: RealIssuer, claims: JWTPayload): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const own = { iss: url, aud: 'kubernetes', sub: '4711', iat: now, exp: now + 600 };
  return await new SignJWT({ ...own, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign(await importJWK(key, 'ES256'));
}
