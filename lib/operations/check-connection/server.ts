import type { ShownCertificate } from '../../vsphere/index.ts';
import { failed, ok, type Row, warning } from './row.ts';

const DAY = 86_400_000;
const SUPPORTED = ['7.0', '8.0', '9.0'];

/** Who the server is: the certificate that it shows, how it is trusted, and until when it is valid. */
export function certificateRows(shown: ShownCertificate, now: Date): Row[] {
  const { subject, issuer, fingerprint, fingerprint256, expires, by, trusted, reason } = shown;
  const found = `${subject || 'no subject'}, issued by ${issuer || 'nobody'}; SHA-256 ${fingerprint256}; SHA-1 ${fingerprint}`;
  const how = { pinned: 'the pinned fingerprint', ca: "the connection's authority (ca)", public: 'public authorities' }[
    by
  ];
  const trust = trusted
    ? ok('certificate', `${found}; trusted by ${how}`)
    : failed(
        'certificate',
        `${found}; not trusted by ${how}: ${reason}. Nothing was sent`,
        `Compare the fingerprint with the vCenter's own (on its console: openssl x509 -noout -fingerprint -sha256 -in /etc/vmware-vpx/ssl/rui.crt). If they are the same, set the connection's fingerprint to ${fingerprint256}; if not, somebody is in between.`,
      );
  const days = Math.floor((expires.getTime() - now.getTime()) / DAY);
  const until = expires.toISOString().slice(0, 10);
  const renew = 'Renew it in the vCenter, then update a pinned fingerprint.';
  if (days < 0) return [trust, warning('certificate expiry', `expired on ${until}`, renew)];
  if (days < 30) return [trust, warning('certificate expiry', `${until}, in ${days} days`, renew)];
  return [trust, ok('certificate expiry', `${until}, in ${days} days`)];
}

/** Whether we know this version of vCenter. */
export function versionRow({ name, version }: { name: string; version: string }): Row {
  const supported = `Supported are vCenter ${SUPPORTED.join(', ')}.`;
  if (/\bESXi?\b/.test(name)) {
    return failed(
      'version',
      `${name}: a host, not a vCenter`,
      `Give the vCenter's URL: a host can not clone. ${supported}`,
    );
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (SUPPORTED.includes(`${major}.${minor}`)) return ok('version', name);
  if (major < 7) return failed('version', `${name}: too old`, `Upgrade it. ${supported}`);
  return warning('version', `${name}: not tried`, `${supported} Try a small cluster first.`);
}

/** @param skew milliseconds by which the vCenter's clock is ahead of ours */
export function clockRow(skew: number): Row {
  const seconds = Math.round(Math.abs(skew) / 1000);
  const found = seconds === 0 ? 'as ours' : `${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} ours`;
  const advice =
    'Set NTP on the vCenter and its hosts: nodes take their time from them, and tokens and certificates are bound to it.';
  if (seconds > 300) return failed('clock', found, advice);
  if (seconds > 60) return warning('clock', found, advice);
  return ok('clock', found);
}
