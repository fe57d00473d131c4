import { expect, test } from 'vitest';
import { secretBody } from '../../../lib/api/secret-values.ts';
import { parse } from '../../../lib/parse.ts';

const password = (values: object) => ({ name: 'proxy', type: 'password', values });

test('a secret of type password has a user name and a password', () => {
  const values = { username: 'eve', password: 'p@ss "wörd"' };
  expect(parse(secretBody, password(values), 'body').values).toEqual(values);
});

test.each([
  ['no password', { username: 'eve' }, /^values\.password: /],
  ['a line break', { username: 'eve', password: 'a\nb' }, /^values\.password: text without control characters/],
  ['half a character', { username: '\ud800', password: 'b' }, /^values\.username: text without control characters/],
])('one with %s is refused', (_, values, message) => {
  expect(() => parse(secretBody, password(values), 'body')).toThrow(message);
});
