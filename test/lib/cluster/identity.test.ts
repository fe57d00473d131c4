import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deploymentPrefix, instanceUuid, parseInstanceUuid } from '../../../lib/cluster/identity.ts';

const id = fc.integer({ min: 1, max: 0x7fffffff });
const serial = fc.integer({ min: 1, max: (1 << 30) - 1 });

test('an instance UUID is a UUIDv8 from which cluster and serial are read back', () => {
  fc.assert(
    fc.property(fc.string(), id, serial, (deployment, clusterId, number) => {
      const uuid = instanceUuid(deployment, clusterId, number);
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(uuid.startsWith(deploymentPrefix(deployment))).toBe(true);
      expect(parseInstanceUuid(deployment, uuid.toUpperCase())).toEqual({ clusterId, serial: number });
    }),
  );
});

test('UUIDs of another deployment, or of nobody, are not ours', () => {
  expect(parseInstanceUuid('a', instanceUuid('b', 1, 1))).toBeUndefined();
  fc.assert(fc.property(fc.uuid(), (uuid) => parseInstanceUuid('a', uuid) === undefined));
});
