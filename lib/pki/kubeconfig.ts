const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Writes a kubeconfig (v1, as YAML's subset JSON) with one cluster, one user and one context. */
export function kubeconfig(options: {
  clusterName: string;
  /** `https://host:port` */
  server: string;
  caCert: string;
  certificate: string;
  key: string;
  user: string;
}): string {
  const { clusterName, server, caCert, certificate, key, user } = options;
  const context = `${user}@${clusterName}`;
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: clusterName, cluster: { server, 'certificate-authority-data': base64(caCert) } }],
      users: [{ name: user, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }],
      contexts: [{ name: context, context: { cluster: clusterName, user } }],
      'current-context': context,
    },
    null,
    2,
  );
}
