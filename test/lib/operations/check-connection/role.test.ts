import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Holder, ROLE } from '../../../../lib/operations/check-connection/role.ts';

const document = readFileSync(join(import.meta.dirname, '../../../../docs/vcenter-role.md'), 'utf8');
const sorted = (ids: string[]) => ids.toSorted();

describe('docs/vcenter-role.md', () => {
  test('creates each role with exactly the privileges that are needed', () => {
    const commands = [...document.matchAll(/^govc role\.create slipway-(\S+) (.+)$/gm)];
    const documented = Object.fromEntries(commands.map(([, name, ids = '']) => [name, sorted(ids.split(' '))]));
    const needed = Object.groupBy(
      ROLE.filter(({ feature }) => !feature),
      ({ on }) => on,
    );
    expect(documented).toEqual(
      Object.fromEntries(Object.entries(needed).map(([on, all]) => [on, sorted(all.map(({ id }) => id))])),
    );
  });

  test('adds for each feature exactly the privileges that it needs', () => {
    const rows = [...document.matchAll(/^\| (.+?) \| `govc role\.update -a slipway-(\S+) (.+)` \|$/gm)];
    const documented = rows.map(([, feature, on, ids = '']) => ({ feature, on, ids: sorted(ids.split(' ')) }));
    const features = Object.groupBy(
      ROLE.filter(({ feature }) => feature),
      ({ feature, on }) => `${feature}/${on}`,
    );
    expect(documented).toEqual(
      Object.values(features).map((all = []) => ({
        feature: all[0]?.feature,
        on: all[0]?.on as Holder,
        ids: sorted(all.map(({ id }) => id)),
      })),
    );
  });
});

test('the folder alone allows changes to VMs: pools and datastores are shared with others', () => {
  const changing = ROLE.filter(({ id }) => /^VirtualMachine\.(Config|Interact|Inventory)\./.test(id));
  expect(new Set(changing.map(({ on }) => on))).toEqual(new Set(['folder']));
});
