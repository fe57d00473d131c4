import { describe, expect, test } from 'vitest';
import { connectionValues } from '../../../lib/api/secret-values.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';
import { parse } from '../../../lib/parse.ts';
import { wantedPlacement } from '../../../lib/steps/wanted-placement.ts';

const place = (connection: object, cluster: object, pool: object) => {
  const values = parse(
    connectionValues,
    { url: 'https://vc.lab', user: 'u', password: 'p', defaultNodeTemplate: 'ubuntu', ...connection },
    'connection',
  );
  const nodepool = { name: 'masters', roles: ['master'], size: 1, vcpu: 2, ram: 4096, ...pool };
  const spec = parse(clusterSpec, { name: 'demo', secretName: 'lab', nodepools: [nodepool], ...cluster }, 'cluster');
  return wantedPlacement(values, spec, spec.nodepools[0] as never, undefined, 'key', [7]);
};

describe('a placement', () => {
  test('is the pool’s before the cluster’s before the connection’s', () => {
    expect(
      place(
        { datacenter: 'DC', folder: 'c', datastore: 'c', network: 'c', storagePolicy: 'c' },
        { folder: 'b', datastore: 'b', networks: ['b', { name: 'b2', type: 'e1000e' }] },
        { datastore: 'a', template: 'debian' },
      ),
    ).toEqual({
      key: 'key',
      datacenter: 'DC',
      folder: 'b',
      resourcePool: undefined,
      datastore: 'a',
      networks: ['b', 'b2'],
      template: 'debian',
      snapshot: undefined,
      storagePolicy: 'c',
      nodes: [7],
      diskGiB: undefined,
      furtherGiB: 4,
      linked: undefined,
    });
  });
  test('of linked clones is on the current snapshot where none is named', () => {
    expect(place({}, {}, { linkedClone: true }).snapshot).toBe(true);
    expect(place({}, {}, { linkedClone: true, snapshot: 'base' }).snapshot).toBe('base');
  });
  test('counts further disks and the swap file of memory that is not reserved', () => {
    const { furtherGiB } = place({}, {}, { disks: [{ size: 5 }, { size: 6 }], memory: { reservation: 1024 } });
    expect(furtherGiB).toBe(14);
  });
  test('with an SR-IOV NIC needs all memory reserved', () => {
    const networks = [{ name: 'fast', type: 'sriov' }];
    expect(() => place({ networks }, {}, {})).toThrow(/set memory\.reservation to ram \(4096\)/);
    expect(place({ networks }, {}, { memory: { reservation: 4096 } }).networks).toEqual(['fast']);
  });
});

test.each([
  ['network and networks', { network: 'a', networks: ['b'] }, /nodepools\[0\]\.network: network or networks, not both/],
  ['a fixed MAC address', { networks: [{ name: 'a', macAddress: '00:50:56:00:00:01' }] }, /networks\[0\]/],
  [
    'sockets that do not come out even',
    { vcpu: 4, coresPerSocket: 3 },
    /coresPerSocket: vcpu \(4\) must be a multiple/,
  ],
  ['more memory reserved than there is', { memory: { reservation: 9999 } }, /memory: a reservation of 9999 MiB/],
  ['a reservation over its limit', { cpu: { reservation: 2, limit: 1 } }, /cpu\.reservation: not more than the limit/],
  ['shares of no level', { cpu: { shares: 'most' } }, /cpu\.shares: low, normal, high or a number/],
  ['a linked clone that grows', { linkedClone: true, disk: 50 }, /disk: a linked clone shares/],
  ['a linked clone with a format', { linkedClone: true, provisioning: 'thin' }, /provisioning: a linked clone/],
  ['tags', { tags: ['a'] }, /tags are not supported/],
])('a pool with %s is refused', (_, pool, message) => {
  expect(() => place({}, {}, pool)).toThrow(message);
});

test('network and networks are refused together at a connection and a cluster as well', () => {
  const both = { network: 'a', networks: ['b'] };
  expect(() => place(both, {}, {})).toThrow(/network: network or networks, not both/);
  expect(() => place({}, both, {})).toThrow(/network: network or networks, not both/);
});
