import { connect, constants } from 'node:http2';
import type { Access } from './api.ts';
import { KubernetesError } from './errors.ts';
import type { EtcdStore } from './etcd-store.ts';
import { bytesField, readVarint, varintField } from './protobuf.ts';

const TIMEOUT_MS = 30_000;
/** Of a gRPC message: whether it is compressed, and its length. */
const FRAME = 5;

/** gRPC's status codes that are not the request's fault. https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const DENIED: readonly number[] = [7, 16];
const UNREACHABLE: readonly number[] = [4, 14];

/**
 * An etcd that knows its client by the certificate, which it does over gRPC alone: two calls of its service KV.
 * https://etcd.io/docs/v3.6/dev-guide/api_reference_v3/
 */
export class EtcdClient implements EtcdStore {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  async countKeys(key: string, end: string): Promise<number> {
    const answer = await this.#call('Range', Buffer.concat([range(key, end), varintField(9, 1)]));
    return readVarint(answer, 4);
  }

  async deleteKeys(key: string, end: string): Promise<number> {
    return readVarint(await this.#call('DeleteRange', range(key, end)), 2);
  }

  /** One unary call. @throws KubernetesUnreachable, KubernetesDenied, KubernetesRefused */
  async #call(method: 'Range' | 'DeleteRange', message: Buffer): Promise<Buffer> {
    const { server, ca, certificate, key } = this.#access;
    const session = connect(server, { ca, cert: certificate, key, allowPartialTrustChain: true });
    const unreachable = (why: string) =>
      new KubernetesError('KubernetesUnreachable', `${server} does not answer: ${why}`);
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const failed = (error: Error) => reject(unreachable(error.message));
        session.on('error', failed);
        session.setTimeout(TIMEOUT_MS, () => failed(new Error('no answer in time')));
        const stream = session.request({
          [constants.HTTP2_HEADER_METHOD]: 'POST',
          [constants.HTTP2_HEADER_PATH]: `/etcdserverpb.KV/${method}`,
          [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
          [constants.HTTP2_HEADER_TE]: 'trailers',
        });
        const chunks: Buffer[] = [];
        let status: Record<string, unknown> = {};
        const hear = (headers: Record<string, unknown>) => {
          status = { ...status, ...headers };
        };
        stream.on('response', hear);
        stream.on('trailers', hear);
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', failed);
        stream.on('end', () => {
          const code = Number(status['grpc-status']);
          if (code === 0) return resolve(Buffer.concat(chunks).subarray(FRAME));
          const text = decodeURIComponent(String(status['grpc-message'] ?? `HTTP ${status[':status']}`));
          if (Number.isNaN(code) || UNREACHABLE.includes(code)) return reject(unreachable(text));
          const name = DENIED.includes(code) ? 'KubernetesDenied' : 'KubernetesRefused';
          reject(new KubernetesError(name, `${method} of keys on ${server}: ${text}`));
        });
        const frame = Buffer.alloc(FRAME);
        frame.writeUInt32BE(message.length, 1);
        stream.end(Buffer.concat([frame, message]));
      });
    } finally {
      session.destroy();
    }
  }
}

const range = (key: string, end: string) =>
  Buffer.concat([bytesField(1, Buffer.from(key)), bytesField(2, Buffer.from(end))]);
