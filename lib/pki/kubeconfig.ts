const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A program that gives a client its credentials (client-go's credential plugins). */
export interface Exec {
  command: string;
  args: readonly string[];
  env?: readonly { name: string; value: string }[];
  /** Said where the program is not installed. */
  installHint: string;
  /** Whether it may ask the user something at the terminal. */
  interactive: boolean;
}

/** How a user is known: by a certificate in the file, or by what a program gives. */
export type Credentials = { certificate: string; key: string } | { exec: Exec };

/** Writes a kubeconfig (v1, as YAML's subset JSON) with one cluster, one user and one context. */
export function kubeconfig({
  clusterName,
  server,
  caCert,
  user,
  credentials,
}: {
  clusterName: string;
  /** `https://host:port` */
  server: string;
  caCert: string;
  user: string;
  credentials: Credentials;
}): string {
  const context = `${user}@${clusterName}`;
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: clusterName, cluster: { server, 'certificate-authority-data': base64(caCert) } }],
      users: [{ name: user, user: entryOf(credentials) }],
      contexts: [{ name: context, context: { cluster: clusterName, user } }],
      'current-context': context,
    },
    null,
    2,
  );
}

const CREDENTIAL_API = 'client.authentication.k8s.io/v1';

function entryOf(credentials: Credentials) {
  if ('exec' in credentials) {
    const { interactive, ...exec } = credentials.exec;
    return { exec: { apiVersion: CREDENTIAL_API, ...exec, interactiveMode: interactive ? 'IfAvailable' : 'Never' } };
  }
  const { certificate, key } = credentials;
  return { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
}

/** What such a program answers: a client certificate, good until a time (ISO 8601). */
export function execCredential({ certificate, key }: { certificate: string; key: string }, expiresAt: string) {
  return {
    apiVersion: CREDENTIAL_API,
    kind: 'ExecCredential',
    status: { expirationTimestamp: expiresAt, clientCertificateData: certificate, clientKeyData: key },
  };
}
