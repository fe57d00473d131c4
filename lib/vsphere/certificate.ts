import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { vCenterUnreachable } from './errors.ts';
import { bareFingerprint, type Endpoint } from './transport.ts';

/** The certificate that a server shows, and whether it is the one that is trusted. */
export interface ShownCertificate {
  subject: string;
  issuer: string;
  /** SHA-1 and SHA-256, in hex with colons. */
  fingerprint: string;
  fingerprint256: string;
  expires: Date;
  /** By what it is judged: the pinned fingerprint, the connection's own authority, or the public ones. */
  by: 'pinned' | 'ca' | 'public';
  trusted: boolean;
  /** Why it is not trusted, as TLS has it. */
  reason: string;
}

const nameOf = (name: object = {}) =>
  Object.entries(name)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');

/**
 * Asks a server for its certificate in a bare TLS handshake: nothing is sent, trusted or not.
 * @param timeout in milliseconds
 * @throws VCenterUnreachable
 */
export function readCertificate({ url, fingerprint, ca }: Endpoint, timeout: number): Promise<ShownCertificate> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      socket.destroy();
      reject(vCenterUnreachable(`${url} shows no certificate: ${reason}`));
    };
    // A server name may not be an address (RFC 6066).
    const servername = isIP(host) ? '' : host;
    const socket = connect({ host, port: Number(port || 443), servername, ca, rejectUnauthorized: false });
    socket.setTimeout(timeout, () => fail(`no answer in ${timeout / 1000} s`));
    socket.once('error', (error) => fail(error.message));
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate();
      const pinned = fingerprint && bareFingerprint(fingerprint);
      resolve({
        subject: nameOf(shown.subject),
        issuer: nameOf(shown.issuer),
        fingerprint: shown.fingerprint,
        fingerprint256: shown.fingerprint256,
        expires: new Date(shown.valid_to),
        by: pinned ? 'pinned' : ca ? 'ca' : 'public',
        trusted: pinned
          ? [shown.fingerprint, shown.fingerprint256].some((each) => bareFingerprint(each) === pinned)
          : socket.authorized,
        reason: pinned ? 'it is not the pinned one' : String(socket.authorizationError ?? ''),
      });
      socket.destroy();
    });
  });
}
