import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proxyUrl } from '../../../lib/cluster/proxy.ts';

const server = { scheme: 'http' as const, host: 'proxy.lab', port: 3128 };

test('a proxy without a password is its address', () => {
  expect(proxyUrl(server)).toBe('http://proxy.lab:3128');
});

test('whatever the password is, the URL has it whole, in characters that mean nothing in a configuration file', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(text, text, (username, password) => {
      const url = proxyUrl(server, { username, password });
      expect(url).toMatch(/^http:\/\/[-A-Za-z0-9._~%]+:[-A-Za-z0-9._~%]+@proxy\.lab:3128$/);
      const read = new URL(url);
      expect([decodeURIComponent(read.username), decodeURIComponent(read.password)]).toEqual([username, password]);
    }),
  );
});
