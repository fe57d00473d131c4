import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

/** An etcd elsewhere, as kubeadm's configuration has it. */
export interface ExternalEtcd {
  endpoints: string[];
  prefix: string;
}

/** The address that a machine's /etc/hosts has for a name. */
function addressOf(rootfs: string, name: string): string {
  const hosts = join(rootfs, 'etc/hosts');
  const lines = existsSync(hosts) ? readFileSync(hosts, 'utf8').split('\n') : [];
  const found = lines.map((line) => line.split(/\s+/)).find((words) => words.slice(1).includes(name));
  return found?.[0] ?? name;
}

/** Writes a key as an API server would: with its certificate, at the first endpoint that answers. @throws Error */
export async function writeKey(rootfs: string, { endpoints, prefix }: ExternalEtcd, key: string): Promise<void> {
  const pki = (file: string) => readFileSync(join(rootfs, 'etc/kubernetes/pki', file), 'utf8');
  const tls = {
    ca: pki('etcd/ca.crt'),
    cert: pki('apiserver-etcd-client.crt'),
    key: pki('apiserver-etcd-client.key'),
    allowPartialTrustChain: true,
  };
  const body = JSON.stringify({ key: Buffer.from(`${prefix}/${key}`).toString('base64') });
  let last: unknown;
  for (const endpoint of endpoints) {
    const { hostname, port } = new URL(endpoint);
    try {
      const status = await new Promise((resolve, reject) => {
        const options = { host: addressOf(rootfs, hostname), port, path: '/v3/kv/put', method: 'POST', timeout: 5000 };
        const sent = request({ ...options, ...tls, servername: hostname }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        });
        sent.on('error', reject).end(body);
      });
      if (status === 200) return;
      throw new Error(`${endpoint} refuses ${prefix}/${key}: ${status}`);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
