import { expect, test } from 'vitest';
import { endpointOf, endpointWarning, joinAddressOf, virtualRouterId } from '../../../lib/cluster/endpoint.ts';
import { inRange } from '../../../lib/cluster/endpoint-spec.ts';
import { clusterSpec } from '../../../lib/cluster/spec.ts';

const pool = (name: string, role: string, size: number) => ({ name, roles: [role], size, vcpu: 2, ram: 4096 });
const spec = (endpoint?: object, masters = 1) =>
  clusterSpec.parse({ name: 'demo', secretName: 'lab', endpoint, nodepools: [pool('m', 'master', masters)] });

test.each([
  [{ address: '10.0.0.9' }, '10.0.0.9:6443'],
  [{ host: 'api.lab' }, 'api.lab:6443'],
  [{ host: '10.0.0.9', port: 443 }, '10.0.0.9:443'],
])('the endpoint %j is where the API server is reached and joined, whoever leads', (endpoint, expected) => {
  const leader = { hostname: 'demo-m-01', ip: '10.0.0.1', epoch: 1, ready: true };
  expect(endpointOf({ spec: spec(endpoint), leader }, [])).toBe(expected);
  expect(joinAddressOf({ spec: spec(endpoint), leader })).toBe(expected);
});

test('a virtual router has the number that is given, or one from 1 to 255 of the cluster', () => {
  const of = (id: number, more = {}) => virtualRouterId({ id, spec: spec({ address: '10.0.0.9', ...more }) });
  expect([1, 255, 256, 4_294_967_295].map((id) => of(id))).toEqual([1, 255, 1, 255]);
  expect(of(1, { virtualRouterId: 77 })).toBe(77);
});

test('a cluster without an endpoint is warned of, with what to do where it has several control-plane nodes', () => {
  expect(endpointWarning(spec({ address: '10.0.0.9' }, 3))).toBeUndefined();
  expect(endpointWarning(spec(undefined, 3))).toMatch(/its 3 control-plane nodes .*endpoint\.address.*endpoint\.host/);
  expect(endpointWarning(spec(undefined, 1))).toMatch(/at the address of its control-plane node/);
});

test.each([
  ['10.96.0.1', '10.96.0.0/12', true],
  ['10.111.255.255', '10.96.0.7/12', true],
  ['10.112.0.0', '10.96.0.0/12', false],
  ['192.168.1.1', '0.0.0.0/0', true],
])('%s in %s: %s', (address, range, expected) => {
  expect(inRange(address, range)).toBe(expected);
});
