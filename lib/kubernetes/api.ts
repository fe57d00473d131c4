import { Agent } from 'node:https';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { KubernetesError } from './errors.ts';

/** How an API server (or etcd) is reached: everything in PEM. */
export interface Access {
  /** `https://host:port` */
  server: string;
  ca: string;
  certificate: string;
  key: string;
  /** A header `Authorization`, as etcd's JSON gateway wants it. */
  authorization?: string;
}

const TIMEOUT_MS = 15_000;

/** A connection to an API server by client certificate, for the few calls that we make. */
export class KubernetesApi {
  readonly #server: string;
  readonly #http: AxiosInstance;

  constructor({ server, ca, certificate, key, authorization }: Access) {
    this.#server = server;
    this.#http = axios.create({
      baseURL: server,
      // An authority is trusted without its root.
      httpsAgent: new Agent({ ca, cert: certificate, key, allowPartialTrustChain: true }),
      headers: authorization ? { authorization } : {},
      proxy: false,
      // Nobody sends an API server's client elsewhere with its certificate.
      maxRedirects: 0,
      timeout: TIMEOUT_MS,
      validateStatus: () => true,
    });
  }

  /**
   * Sends a request.
   * @param fine statuses other than 2xx that the caller handles
   * @throws KubernetesUnreachable (also 5xx), KubernetesDenied (401, 403), KubernetesRefused
   */
  async request(
    method: string,
    path: string,
    body?: unknown,
    fine: readonly number[] = [],
    type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
  ): Promise<AxiosResponse> {
    const answer = await this.#http
      .request({ method, url: path, data: body, headers: { 'content-type': type } })
      .catch((error: Error) => {
        throw new KubernetesError('KubernetesUnreachable', `${this.#server} does not answer: ${error.message}`);
      });
    const { status, data } = answer;
    if ((status >= 200 && status < 300) || fine.includes(status)) return answer;
    const message = `${method} ${path} on ${this.#server}: ${status} ${data?.message ?? ''}`;
    if (status === 401 || status === 403) throw new KubernetesError('KubernetesDenied', message, status);
    throw new KubernetesError(status >= 500 ? 'KubernetesUnreachable' : 'KubernetesRefused', message, status);
  }
}
