import { describe, expect, test } from 'vitest';
import { type Entity, findOne } from '../../../lib/vsphere/index.ts';

const entity = (type: string, path: string): Entity => ({
  ref: { type, value: path },
  name: path.split('/').pop() ?? '',
  path,
});
const datacenter = entity('Datacenter', '/DC0');
const inventory = [
  datacenter,
  entity('Folder', '/DC0/vm/a/nodes'),
  entity('Folder', '/DC0/vm/b/nodes'),
  entity('Folder', '/DC1/vm/only'),
  entity('Datastore', '/DC0/datastore/nodes'),
];
const folder = (name: string) => findOne(inventory, 'folder', ['Folder'], name, datacenter);

describe('a name of the inventory', () => {
  test('that two folders have is refused with both paths and how to write one', () => {
    expect(() => folder('nodes')).toThrow(
      /ambiguous.*\/DC0\/vm\/a\/nodes and \/DC0\/vm\/b\/nodes.*Write the full path/,
    );
  });
  test('is unambiguous as a full path', () => {
    expect(folder('/DC0/vm/b/nodes').path).toBe('/DC0/vm/b/nodes');
  });
  test('of another kind or datacenter is not found, and the error says what there is', () => {
    expect(() => folder('only')).toThrow(/folder 'only' is not found in \/DC0\. There are: \/DC0\/vm\/a\/nodes/);
  });
  test('with a wildcard is refused', () => {
    expect(() => folder('n*')).toThrow(/wildcards/);
  });
});
