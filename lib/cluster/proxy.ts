import * as z from 'zod/mini';

const host = z.union([z.ipv4(), z.hostname()], 'an IPv4 address or a host name');

/** A proxy, with the secret of type password that holds its user name and password, if it asks for them. */
const server = z
  .strictObject({
    host,
    port: z.int().check(z.gte(1), z.lte(65535)),
    scheme: z._default(z.enum(['http', 'https']), 'http'),
    secretId: z.optional(z.string().check(z.minLength(1))),
    secretName: z.optional(z.string().check(z.minLength(1))),
  })
  .check(
    z.refine(({ secretId, secretName }) => !secretId || !secretName, {
      path: ['secretName'],
      error: 'secretName or secretId, not both',
    }),
  );
export type ProxyServer = z.infer<typeof server>;

const exception = z.union(
  [z.ipv4(), z.cidrv4(), z.hostname(), z.string().check(z.regex(/^\.[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/))],
  'a host name, a domain such as .example.com, an IPv4 address or a range such as 10.0.0.0/8',
);

/** Through what nodes reach plain and encrypted HTTP servers, and which they reach directly. */
export const proxy = z
  .strictObject({
    http: z.optional(server),
    https: z.optional(server),
    exceptions: z._default(z.array(exception).check(z.maxLength(100)), []),
  })
  .check(z.refine(({ http, https }) => http || https, { path: ['https'], error: 'at least one of http and https' }));

/** What a proxy asks for. */
export interface ProxyCredentials {
  username: string;
  password: string;
}

/** A proxy's URL, as the variables http_proxy and https_proxy have it. */
export function proxyUrl({ scheme, host, port }: ProxyServer, credentials?: ProxyCredentials): string {
  const user = credentials && `${encode(credentials.username)}:${encode(credentials.password)}@`;
  return `${scheme}://${user ?? ''}${host}:${port}`;
}

/** Percent-encodes also what has a meaning in configuration files: quotes, parentheses. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
