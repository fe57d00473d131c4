import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';

/** Makes a certificate for addresses and names, signed by an authority of the guest's, as kubeadm would: for servers, unless told. */
export function serverCertificate(
  directory: string,
  name: string,
  ca: string,
  caKey: string,
  names: readonly string[],
  usage = 'serverAuth',
) {
  mkdirSync(directory, { recursive: true });
  const file = (extension: string) => join(directory, `${name}.${extension}`);
  const alternatives = names.map((each) => `${isIPv4(each) ? 'IP' : 'DNS'}:${each}`).join(',');
  writeFileSync(file('ext'), `subjectAltName=${alternatives}\nextendedKeyUsage=${usage}\n`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    file('key'),
    '-out',
    file('csr'),
  );
  openssl(
    'x509',
    '-req',
    '-in',
    file('csr'),
    '-CA',
    ca,
    '-CAkey',
    caKey,
    '-set_serial',
    `0x${Date.now().toString(16)}`,
    '-days',
    '365',
    '-extfile',
    file('ext'),
    '-out',
    file('crt'),
  );
  return {
    cert: readFileSync(file('crt'), 'utf8') + readFileSync(ca, 'utf8'),
    key: readFileSync(file('key'), 'utf8'),
    ca: readFileSync(ca, 'utf8'),
  };
}
