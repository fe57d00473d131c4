import * as z from 'zod/mini';

/** What makes a machine a node: kubeadm, run by the node program, or pke, which runs kubeadm itself. */
export const distribution = z._default(z.enum(['kubeadm', 'pke']), 'kubeadm');

/** Where the program is to be had by images that lack it. */
export const pke = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'an http or https URL of the pke program' })
      .check(z.refine((text) => !/^https?:\/\/[^/]*@/.test(text), 'no user name and password: nodes show the URL')),
    /** In hex. */
    sha256: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/, 'a SHA-256 in 64 lower-case hex digits'))),
  })
  .check(
    z.refine(({ url, sha256 }) => sha256 !== undefined || url.startsWith('https:'), {
      path: ['sha256'],
      error: 'an http URL needs the SHA-256 of what is there',
    }),
  );

/**
 * Minor versions of Kubernetes: kubeadm's from the one whose kubeadm reads the v1beta4 configuration on; pke's up to the last that
 * it knows (it knows 1.19 to 1.23), from the first whose API server has the eviction that nodes are drained by (policy/v1).
 */
const VERSIONS = {
  kubeadm: { least: 31, most: Infinity, told: 'Kubernetes 1.31 or newer' },
  pke: { least: 22, most: 23, told: 'pke installs Kubernetes 1.22 and 1.23: name one of them, such as 1.23.17' },
};

type Described = {
  distribution?: z.infer<typeof distribution>;
  pke?: z.infer<typeof pke>;
  endpoint?: unknown;
  proxy?: unknown;
  etcd?: unknown;
  kubernetes: { version: string; oidc?: { enabled: boolean } };
  nodepools: readonly { roles: readonly string[]; size: number }[];
};

/** What a distribution can not do, by the path of the field. */
export function distributionIssues(spec: Described): [path: (string | number)[], message: string][] {
  const { distribution = 'kubeadm', kubernetes, nodepools } = spec;
  const issues: ReturnType<typeof distributionIssues> = [];
  const { least, most, told } = VERSIONS[distribution];
  const minor = Number(kubernetes.version.split('.')[1]);
  if (minor < least || minor > most) issues.push([['kubernetes', 'version'], told]);
  if (distribution !== 'pke') {
    if (spec.pke) issues.push([['pke'], 'only with distribution: pke']);
    return issues;
  }
  const masters = nodepools.filter(({ roles }) => roles.includes('master'));
  if (!spec.endpoint && masters.reduce((sum, { size }) => sum + size, 0) > 1) {
    issues.push([
      ['endpoint'],
      'pke joins further control-plane nodes at an address that is known before: give the cluster an endpoint, or one master',
    ]);
  }
  if (spec.proxy) {
    issues.push([['proxy'], 'pke reaches this API directly, whatever the proxy: leave the field out, or use kubeadm']);
  }
  if (spec.etcd) issues.push([['etcd'], 'pke makes its etcd on the masters: leave the field out, or use kubeadm']);
  for (const [index, { roles }] of nodepools.entries()) {
    if (roles.includes('etcd')) issues.push([['nodepools', index, 'roles'], 'pke makes no etcd clusters: use kubeadm']);
  }
  if (kubernetes.oidc?.enabled) {
    issues.push([['kubernetes', 'oidc'], 'pke asks for claims of its own choice: leave the field out, or use kubeadm']);
  }
  return issues;
}
