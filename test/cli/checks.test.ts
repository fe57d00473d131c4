import { expect, test } from 'vitest';
import { checkTable } from '../../cli/checks.ts';

test('a check is a table with what to do below what was found', () => {
  expect(
    checkTable([
      { check: 'version', status: 'ok', found: 'vCenter 8.0.3' },
      { check: 'free space', status: 'warning', found: '3 clones', advice: 'Free some.' },
    ]),
  ).toBe(
    [
      'STATUS   CHECK       FOUND, → WHAT TO DO',
      'ok       version     vCenter 8.0.3',
      'warning  free space  3 clones',
      '                     → Free some.',
    ].join('\n'),
  );
});
