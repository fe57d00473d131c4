import { Agent } from 'node:https';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import axios, { type AxiosInstance } from 'axios';
import { vCenterUnreachable, vCenterUntrusted } from './errors.ts';

/** How a vCenter is reached and trusted. */
export interface Endpoint {
  /** `https://host[:port][/sdk]` */
  url: string;
  /** SHA-1 or SHA-256 of its certificate, in hex, with or without colons. */
  fingerprint?: string;
  /** PEM of the authority that signed its certificate. */
  ca?: string;
}

/** Seconds for which an answer is waited for, beyond what a call itself waits. */
export const ANSWER_SECONDS = 30;

/** A fingerprint as fingerprints are compared. */
export const bareFingerprint = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase();

/** Opens HTTPS to a vCenter: by a pinned fingerprint, by its authority, or by the public ones. */
export function openTransport({ url, fingerprint, ca }: Endpoint): AxiosInstance {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    // A resumed TLS session shows no certificate to compare.
    maxCachedSessions: 0,
    ca,
    // A pinned certificate is trusted for itself: the pin is checked before anything is sent, in place of chain and name.
    rejectUnauthorized: !fingerprint,
    checkServerIdentity: fingerprint ? () => undefined : checkServerIdentity,
  });
  if (fingerprint) pin(agent, url, bareFingerprint(fingerprint));
  const { origin, pathname } = new URL(url);
  return axios.create({
    baseURL: `${origin}${pathname === '/' ? '/sdk' : pathname}`,
    httpsAgent: agent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: 256 * 1024 * 1024,
    responseType: 'text',
    transitional: { forcedJSONParsing: false },
    validateStatus: () => true,
    headers: { 'content-type': 'text/xml; charset=utf-8', SOAPAction: 'urn:vim25/7.0.0.0' },
  });
}

type Connect = (options: object, done: (error: Error | null, socket?: unknown) => void) => import('node:tls').TLSSocket;

function pin(agent: Agent, url: string, expected: string): void {
  const inner = agent as unknown as { createConnection: Connect };
  const connect = inner.createConnection.bind(agent);
  inner.createConnection = (options, done) => {
    const socket = connect(options, done);
    socket.once('secureConnect', () => {
      const { fingerprint, fingerprint256 } = socket.getPeerCertificate() as PeerCertificate;
      if (bareFingerprint(fingerprint) === expected || bareFingerprint(fingerprint256) === expected) return;
      socket.destroy(
        vCenterUntrusted(
          `${url} shows a certificate with the SHA-256 fingerprint ${fingerprint256}, not the pinned one. If the vCenter's certificate was renewed, update the connection's fingerprint.`,
        ),
      );
    });
    return socket;
  };
}

/** The named error of a request that got no answer. */
export function connectionError(error: unknown, url: string): Error {
  const { code = '', message = String(error), cause } = error as { code?: string; message?: string; cause?: Error };
  if (cause?.name === 'VCenterUntrusted') return cause;
  if ((error as Error).name === 'VCenterUntrusted') return error as Error;
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return vCenterUntrusted(
      `${url} is not trusted: ${message}. Give the connection the certificate's fingerprint, or its authority (ca).`,
    );
  }
  return vCenterUnreachable(`${url} does not answer: ${message}. Is it up, and does the network let us through to it?`);
}
