import { expect, test } from 'vitest';
import { seal, unseal } from '../../../lib/connector/seal.ts';

test('a sealed session is opened with what it was bought with, for what it belongs to, and by nothing else', () => {
  const sealed = seal('vmware_soap_session="52"', 'url user password', 'connection');
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('vmware');
  expect(unseal(sealed, 'url user password', 'connection')).toBe('vmware_soap_session="52"');
  expect(unseal(sealed, 'url user other', 'connection')).toBeUndefined();
  expect(unseal(sealed, 'url user password', 'another')).toBeUndefined();
});
