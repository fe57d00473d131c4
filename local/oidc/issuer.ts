import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An OpenID Connect issuer on loopback. */
export interface Issuer {
  url: string;
  audience: string;
  /** Issues a token; an hour unless told otherwise. */
  token(claims: { subject: string; organization: number; role: string }, lifetime?: string | number): Promise<string>;
  stop(): Promise<void>;
}

/** Starts an issuer: discovery, keys, and tokens for whoever asks in this process. */
export async function startIssuer(port: number): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'local', alg: 'ES256', use: 'sig' };
  const url = `http://127.0.0.1:${port}`;
  const audience = 'slipway';
  const pages: Record<string, unknown> = {
    '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks.json` },
    '/jwks.json': { keys: [jwk] },
  };
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    response.writeHead(page ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(page ?? {}));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url,
    audience,
    token: ({ subject, organization, role }, lifetime = '12h') =>
      new SignJWT({ organization, role })
        .setProtectedHeader({ alg: 'ES256', kid: 'local' })
        .setIssuer(url)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(lifetime)
        .sign(privateKey),
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
