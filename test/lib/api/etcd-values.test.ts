import { beforeAll, expect, test, vi } from 'vitest';
import { type EtcdValues, etcdValues } from '../../../lib/api/etcd-values.ts';
import { createClusterCertificates, issueClientCertificate } from '../../../lib/pki/index.ts';

let good: EtcdValues;
let other: EtcdValues;
let days: EtcdValues;

async function make(minutes = 60): Promise<EtcdValues> {
  const { etcdCaCert: caCert, etcdCaKey: caKey } = await createClusterCertificates({ name: 'own' });
  return {
    ca: caCert,
    ...(await issueClientCertificate({ caCert, caKey, commonName: 'k8s', organizations: [], minutes })),
  };
}
const told = (values: unknown) =>
  etcdValues.safeParse(values).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

beforeAll(async () => {
  [good, other, days] = (await Promise.all([make(), make(), make(1)])) as [EtcdValues, EtcdValues, EtcdValues];
});

test('an authority, a certificate and its key are taken, chains too', () => {
  expect(told(good)).toEqual([]);
  expect(told({ ...good, certificate: good.certificate + good.ca })).toEqual([]);
});

test('what is no PEM is refused, naming the field', () => {
  expect(told({ ...good, ca: 'nothing' })).toEqual(['ca: PEM certificates (BEGIN CERTIFICATE)']);
  expect(told({ ...good, certificate: good.key })).toContainEqual(expect.stringMatching(/^certificate: PEM/));
  expect(told({ ...good, key: good.certificate })).toEqual([expect.stringMatching(/^key: a private key in PEM/)]);
  expect(told({ ...good, ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' })).toHaveLength(1);
  expect(told({ ca: good.ca })).toHaveLength(2);
});

test('another’s key is refused', () => {
  expect(told({ ...good, key: other.key })).toEqual(['key: not the key of the certificate']);
});

test('a certificate that is over is refused', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 60_000 });
  expect(told(days)).toEqual([expect.stringMatching(/^certificate: expired on /)]);
  expect(told(good)).toEqual([]);
  vi.useRealTimers();
});
