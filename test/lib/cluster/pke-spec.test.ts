import { expect, test } from 'vitest';
import { distributionIssues } from '../../../lib/cluster/pke-spec.ts';

const good = {
  distribution: 'pke' as const,
  kubernetes: { version: '1.23.17' },
  nodepools: [{ roles: ['master'], size: 1 }],
};

test.each([
  ['nothing', {}, []],
  ['an etcd elsewhere', { etcd: { endpoints: [] } }, ['etcd']],
  ['an etcd cluster', { nodepools: [{ roles: ['etcd'], size: 3 }] }, ['nodepools.0.roles']],
  ['users of an issuer', { kubernetes: { version: '1.23.17', oidc: { enabled: true } } }, ['kubernetes.oidc']],
  ['no users of an issuer', { kubernetes: { version: '1.23.17', oidc: { enabled: false } } }, []],
  ['one further master in another pool', { nodepools: [...good.nodepools, ...good.nodepools] }, ['endpoint']],
])('pke refuses, of %s, %s', (_, more, fields) => {
  expect(distributionIssues({ ...good, ...more }).map(([path]) => path.join('.'))).toEqual(fields);
});
