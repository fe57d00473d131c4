import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClusterCertificates } from '../../lib/pki/index.ts';
import { findSecrets } from './find-secrets.ts';

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const wrapped = (text: string) => base64(text).replace(/.{1,64}/g, '$&\n');

/** Ways in which something that holds a secret may be written down. */
const WAYS: Record<string, (text: string) => string | Buffer> = {
  raw: (text) => text,
  'in JSON': (text) => JSON.stringify({ a: { text } }),
  'in JSON in JSON': (text) => JSON.stringify({ a: JSON.stringify({ text }) }),
  'in base64': base64,
  'in base64 for URLs': (text) => `x=${Buffer.from(text).toString('base64url')}&y`,
  'in base64 in lines': wrapped,
  'in base64 in lines in JSON': (text) => JSON.stringify({ text: wrapped(text) }),
  'in base64 in base64': (text) => base64(`{"a":"${base64(text)}"}`),
  compressed: (text) => gzipSync(text),
  'compressed in base64': (text) => `guestinfo.userdata: ${base64(gzipSync(text))}`,
  'compressed in base64 with escaped slashes': (text) => base64(gzipSync(text)).replaceAll('/', '\\/'),
  'in base64 in a file in compressed user data': (text) =>
    base64(gzipSync(`write_files: [{content: ${base64(text)}}]`)),
  'compressed in compressed user data': (text) =>
    base64(gzipSync(`write_files: [{encoding: gz+b64, content: ${base64(gzipSync(text))}}]`)),
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
  'in a URL': (text) => `https://user:${encodeURIComponent(text)}@host`,
};
const { saKey } = await createClusterCertificates({ name: 'planted' });
const password = fc
  .string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 })
  .filter((text) => !text.includes('-----BEGIN'));
const around = fc.string({ maxLength: 200 });

describe.each(Object.entries(WAYS))('a secret that is planted %s', (_, write) => {
  test('is found, whatever is around it', () => {
    fc.assert(
      fc.property(password, around, around, (value, before, after) => {
        const secrets = [
          { name: 'other', value: 'another secret value' },
          { name: 'planted', value },
        ];
        const hits = findSecrets(secrets, [{ where: 'here', content: write(`${before}${value}${after}`) }]);
        expect(hits.map(({ secret, where }) => [secret, where])).toEqual([['planted', 'here']]);
      }),
      { numRuns: 100 },
    );
  });
  test('is found where it is a key of several lines', () => {
    const content = write(`kind: Secret\nkey: |\n${saKey}`);
    const hits = findSecrets(
      [{ name: 'key', value: saKey }],
      [
        { where: 'nowhere', content: 'x' },
        { where: 'here', content },
      ],
    );
    expect(hits).toMatchObject([{ secret: 'key', where: 'here' }]);
  });
});

test('a key of several lines is found where they are indented', () => {
  const content = `key: |\n${saKey.replace(/^/gm, '    ')}`;
  const hits = findSecrets([{ name: 'key', value: saKey }], [{ where: 'here', content }]);
  expect(hits).toMatchObject([{ secret: 'key', how: 'raw' }]);
});

test('nothing is found where no secret is', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), fc.uint8Array({ maxLength: 2000 }), (text, bytes) => {
      const places = [text, gzipSync(text), base64(Buffer.from(bytes)), base64(gzipSync(bytes)), Buffer.from(bytes)];
      const secrets = [
        { name: 'key', value: saKey },
        { name: 'password', value: 'correct horse battery' },
      ];
      expect(
        findSecrets(
          secrets,
          places.map((content) => ({ where: 'here', content })),
        ),
      ).toEqual([]);
    }),
  );
});
