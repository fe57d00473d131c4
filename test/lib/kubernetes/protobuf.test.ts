import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesField, readVarint, varintField } from '../../../lib/kubernetes/protobuf.ts';

test('a number is read from among other fields, whatever they are', () => {
  const field = fc.integer({ min: 1, max: 100 });
  const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(field, number, fc.array(fc.tuple(field, fc.oneof(number, bytes))), (wanted, value, others) => {
      const rest = others
        .filter(([each]) => each !== wanted)
        .map(([each, of]) => (typeof of === 'number' ? varintField(each, of) : bytesField(each, Buffer.from(of))));
      const fixed = Buffer.concat([Buffer.from([9]), Buffer.alloc(8)]);
      expect(readVarint(Buffer.concat([...rest, fixed, varintField(wanted, value), ...rest]), wanted)).toBe(value);
    }),
  );
});

test('what is left out is zero', () => {
  expect(readVarint(bytesField(1, Buffer.from('header')), 4)).toBe(0);
});

test('fields are written as the encoding guide has them', () => {
  // https://protobuf.dev/programming-guides/encoding/: field 1 with 150, field 2 with "testing".
  expect(varintField(1, 150).toString('hex')).toBe('089601');
  expect(bytesField(2, Buffer.from('testing')).toString('hex')).toBe('120774657374696e67');
});

test('half a message is an error', () => {
  expect(() => readVarint(Buffer.from([8, 128]), 1)).toThrow(RangeError);
});
