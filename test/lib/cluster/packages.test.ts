import { describe, expect, test } from 'vitest';
import { packages } from '../../../lib/cluster/packages.ts';
import { parse } from '../../../lib/parse.ts';

const KEY = { key: 'https://mirror.lab/key' };
const read = (value: unknown) => parse(packages, value, 'packages');

describe('package repositories', () => {
  test('may be of apt, dnf or both, with a key by https or by its fingerprint', () => {
    const spaced = 'de15 b144 86cd 377b 9e87 6e1a 2346 54da 9a29 6436';
    expect(read({ kubernetes: { apt: 'http://mirror.lab/deb', fingerprint: spaced } }).kubernetes.fingerprint).toBe(
      'DE15B14486CD377B9E876E1A234654DA9A296436',
    );
    expect(() => read({ kubernetes: { dnf: 'https://mirror.lab/rpm/' } })).not.toThrow();
    expect(() => read({ kubernetes: { apt: 'http://mirror.lab/deb', ...KEY } })).not.toThrow();
    expect(() =>
      read({ kubernetes: { apt: 'https://m/deb' }, containerd: { dnf: 'http://m/c', ...KEY } }),
    ).not.toThrow();
  });

  test.each([
    [{ kubernetes: {} }, /kubernetes\.apt: at least one of apt and dnf/],
    [{ kubernetes: { apt: 'ftp://mirror.lab' } }, /kubernetes\.apt: a URL with http or https/],
    [{ kubernetes: { apt: 'http://mirror.lab/deb' } }, /kubernetes\.fingerprint: .*does not come by https/],
    [{ kubernetes: { apt: 'https://mirror.lab/deb', key: 'http://mirror.lab/key' } }, /kubernetes\.fingerprint: /],
    [
      { kubernetes: { apt: 'https://mirror.lab/deb', fingerprint: 'DEADBEEF' } },
      /kubernetes\.fingerprint: the fingerprint of an/,
    ],
    [
      { kubernetes: { apt: 'https://m/deb' }, containerd: { apt: 'https://m/c' } },
      /containerd\.key: the URL of the key/,
    ],
    [{ containerd: { apt: 'https://m/c', ...KEY } }, /kubernetes: /],
    [{ kubernetes: { apt: 'https://m/deb', yum: 'https://m/rpm' } }, /kubernetes: .*yum/],
  ])('%j are refused', (value, why) => {
    expect(() => read(value)).toThrow(why);
  });
});
