import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import type forgeTypes from 'node-forge';
// One module of it: the whole is a quarter of a megabyte.
import asn1 from 'node-forge/lib/asn1.js';

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;
type Asn1 = forgeTypes.asn1.Asn1;

/** An X.509 name: common name (none where it is empty) and organizations. */
export interface Name {
  commonName: string;
  organizations?: readonly string[];
}

/** What goes into a certificate, beside its keys. `issuer` is left out where it signs itself. */
export interface Template {
  subject: Name;
  issuer?: { subject: Name; publicKey: KeyObject };
  notBefore: Date;
  notAfter: Date;
  /** An authority; else a client certificate. */
  ca: boolean;
}

const OIDS = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  rsaSha256: '1.2.840.113549.1.1.11',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extKeyUsage: '2.5.29.37',
  subjectKeyIdentifier: '2.5.29.14',
  subjectAltName: '2.5.29.17',
  authorityKeyIdentifier: '2.5.29.35',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const node = (type: number, value: Asn1[] | string, constructed = Array.isArray(value), tag = UNIVERSAL) =>
  asn1.create(tag, type, constructed, value);
const sequence = (...items: Asn1[]) => node(asn1.Type.SEQUENCE, items);
const oid = (id: string) => node(asn1.Type.OID, asn1.oidToDer(id).getBytes());
const octets = (bytes: string) => node(asn1.Type.OCTETSTRING, bytes);
const boolean = (value: boolean) => node(asn1.Type.BOOLEAN, value ? '\xff' : '\x00');
const explicit = (tag: number, item: Asn1) => node(tag, [item], true, CONTEXT_SPECIFIC);
const der = (item: Asn1) => asn1.toDer(item).getBytes();
const parsed = (buffer: Buffer) => asn1.fromDer(buffer.toString('binary'));

function name({ commonName, organizations = [] }: Name): Asn1 {
  const attribute = (type: string, value: string) =>
    node(asn1.Type.SET, [sequence(oid(type), node(asn1.Type.UTF8, Buffer.from(value).toString('binary')))]);
  return sequence(
    ...organizations.map((value) => attribute(OIDS.organization, value)),
    ...(commonName === '' ? [] : [attribute(OIDS.commonName, commonName)]),
  );
}

/** RFC 5280, 4.1.2.5: UTCTime until 2049, GeneralizedTime from then on. */
function time(date: Date): Asn1 {
  return date.getUTCFullYear() < 2050
    ? node(asn1.Type.UTCTIME, asn1.dateToUtcTime(date) as unknown as string)
    : node(asn1.Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date) as unknown as string);
}

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });

/** RFC 5280, 4.2.1.2, method 1: the SHA-1 of the public key's bits. */
function keyIdentifier(key: KeyObject): string {
  const bits = (parsed(spki(key)).value as Asn1[])[1]?.value as string;
  return createHash('sha1').update(Buffer.from(bits, 'binary').subarray(1)).digest('binary');
}

function extension(id: string, critical: boolean, value: Asn1): Asn1 {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(der(value)));
}

/**
 * Extensions as kubeadm's own certificates have them. Its authorities bound neither the length of a path nor names, and have
 * their common name as a DNS name, too.
 */
function extensions({ ca, issuer, subject }: Template, publicKey: KeyObject): Asn1 {
  // digitalSignature, keyEncipherment and, for an authority, keyCertSign.
  const usage = node(asn1.Type.BITSTRING, ca ? '\x02\xa4' : '\x05\xa0');
  const all = [
    extension(OIDS.keyUsage, true, usage),
    extension(OIDS.basicConstraints, true, sequence(...(ca ? [boolean(true)] : []))),
    extension(OIDS.subjectKeyIdentifier, false, octets(keyIdentifier(publicKey))),
  ];
  if (issuer) {
    const id = node(0, keyIdentifier(issuer.publicKey), false, CONTEXT_SPECIFIC);
    all.push(extension(OIDS.authorityKeyIdentifier, false, sequence(id)));
  }
  if (ca) {
    const dnsName = node(2, Buffer.from(subject.commonName).toString('binary'), false, CONTEXT_SPECIFIC);
    all.push(extension(OIDS.subjectAltName, false, sequence(dnsName)));
  } else {
    all.push(extension(OIDS.extKeyUsage, false, sequence(oid(OIDS.clientAuth))));
  }
  return explicit(3, sequence(...all));
}

/**
 * Makes an X.509 v3 certificate (RFC 5280). node-forge assembles it; the platform's crypto signs it, since forge has no
 * ECDSA.
 * @returns PEM
 */
export function certificate(template: Template, publicKey: KeyObject, signingKey: KeyObject): string {
  const rsa = signingKey.asymmetricKeyType === 'rsa';
  const algorithm = sequence(
    oid(rsa ? OIDS.rsaSha256 : OIDS.ecdsaSha256),
    ...(rsa ? [node(asn1.Type.NULL, '', false)] : []),
  );
  const serial = randomBytes(16);
  // Positive and of full length, whatever the random bytes are.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const tbs = sequence(
    explicit(0, node(asn1.Type.INTEGER, '\x02')),
    node(asn1.Type.INTEGER, serial.toString('binary')),
    algorithm,
    name(template.issuer?.subject ?? template.subject),
    sequence(time(template.notBefore), time(template.notAfter)),
    name(template.subject),
    parsed(spki(publicKey)),
    extensions(template, publicKey),
  );
  const signature = sign('sha256', Buffer.from(der(tbs), 'binary'), signingKey);
  const whole = sequence(tbs, algorithm, node(asn1.Type.BITSTRING, `\x00${signature.toString('binary')}`));
  return toPem('CERTIFICATE', Buffer.from(der(whole), 'binary'));
}

/** `sha256:<hex>` of a certificate's public key (SPKI), as kubeadm's discovery pins it. */
export function publicKeyHash(pem: string): string {
  return `sha256:${createHash('sha256')
    .update(spki(createPublicKey(pem)))
    .digest('hex')}`;
}

function toPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
