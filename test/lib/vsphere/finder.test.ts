import { describe, expect, test } from 'vitest';
import { type Entity, findOne, KINDS, onlyOne } from '../../../lib/vsphere/index.ts';

const entity = (type: string, path: string, value = path, parent?: Entity): Entity => ({
  ref: { type, value },
  name: (path.split('/').pop() ?? '').replaceAll('%2f', '/'),
  path,
  parent,
});
const datacenter = entity('Datacenter', '/DC0');
const standalone = entity('ComputeResource', '/DC0/host/esx1', 'domain-s1');
const cluster = entity('ClusterComputeResource', '/DC0/host/C0', 'domain-c8');
const inventory = [
  datacenter,
  standalone,
  cluster,
  entity('HostSystem', '/DC0/host/esx1/esx1', 'host-1', standalone),
  entity('HostSystem', '/DC0/host/C0/esx2', 'host-2', cluster),
  entity('Folder', '/DC0/vm', 'group-v3'),
  entity('Folder', '/DC0/vm/a/nodes'),
  entity('Folder', '/DC0/vm/b/nodes'),
  entity('Folder', '/DC0/vm/x%2fy'),
  entity('Folder', '/DC0/host/hosts'),
  entity('Folder', '/DC1/vm/only'),
  entity('Datastore', '/DC0/datastore/nodes', 'datastore-12'),
  entity('DistributedVirtualPortgroup', '/DC0/network/segment', 'dvportgroup-1'),
  entity('DistributedVirtualPortgroup', '/DC0/network/segment', 'dvportgroup-2'),
];
const folder = (name: string) => findOne(inventory, KINDS.folder, name, datacenter).path;
const pool = (name: string) => findOne(inventory, KINDS.resourcePool, name, datacenter).path;

describe('a name of the inventory', () => {
  test('that two folders have is refused with both paths and how to write one', () => {
    expect(() => folder('nodes')).toThrow(
      /ambiguous in \/DC0: \/DC0\/vm\/a\/nodes and \/DC0\/vm\/b\/nodes\. Write the full path, e\.g\. "\/DC0\/vm\/a\/nodes"/,
    );
  });
  test.each([
    ['/DC0/vm/b/nodes', '/DC0/vm/b/nodes'],
    ['b/nodes', '/DC0/vm/b/nodes'],
    ['b/nodes/', '/DC0/vm/b/nodes'],
    ['Folder:/DC0/vm/b/nodes', '/DC0/vm/b/nodes'],
    ['/DC0/vm', '/DC0/vm'],
    ['vm', '/DC0/vm'],
    ['group-v3', '/DC0/vm'],
    ['x%2Fy', '/DC0/vm/x%2fy'],
    ['/DC0/vm/x%2fy', '/DC0/vm/x%2fy'],
  ])('written as %s is one folder', (name, path) => {
    expect(folder(name)).toBe(path);
  });
  test('of another kind, another root or another datacenter is not found, and the error says what there is', () => {
    expect(() => folder('only')).toThrow(
      /folder 'only' is not found in \/DC0\. There are: \/DC0\/vm, \/DC0\/vm\/a\/nodes/,
    );
    expect(() => folder('hosts')).toThrow(/not found/);
    expect(() => folder('/DC1/vm/only')).toThrow(/not found/);
    expect(() => folder('Datastore:datastore-12')).toThrow(/Datastore:datastore-12 is \/DC0\/datastore\/nodes/);
  });
  test('with a wildcard is refused', () => {
    expect(() => folder('n*')).toThrow(/wildcards/);
  });
  test('of a host by itself is its compute resource; a host of a cluster is itself', () => {
    expect(pool('esx1')).toBe('/DC0/host/esx1');
    expect(pool('esx1/esx1')).toBe('/DC0/host/esx1');
    expect(pool('esx2')).toBe('/DC0/host/C0/esx2');
    expect(pool('domain-c8')).toBe('/DC0/host/C0');
  });
  test('that two port groups have with one path is refused with their ids', () => {
    expect(() => findOne(inventory, KINDS.network, 'segment', datacenter)).toThrow(
      /segment \(DistributedVirtualPortgroup:dvportgroup-1\) and .*dvportgroup-2\)\. Write the id, e\.g\. "Distributed/,
    );
    expect(findOne(inventory, KINDS.network, 'dvportgroup-2', datacenter).ref.value).toBe('dvportgroup-2');
  });
  test('may be left out where there is one, and must be given where there are two', () => {
    expect(onlyOne(inventory, KINDS.datacenter)).toBe(datacenter);
    expect(() => onlyOne(inventory, KINDS.resourcePool, datacenter)).toThrow(/name a resource pool: there are 4: /);
  });
});
