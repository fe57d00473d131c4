/** The few forms of protocol buffers' encoding that our calls of etcd need. https://protobuf.dev/programming-guides/encoding/ */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}

/** A field of bytes. */
export function bytesField(field: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint(field * 8 + BYTES), ...varint(value.length)]), value]);
}

/** A field of a number or a boolean. */
export function varintField(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8 + VARINT), ...varint(value)]);
}

/** The number that a message has in a field; 0 where it has none, as protocol buffers leave it out. @throws RangeError */
export function readVarint(message: Buffer, wanted: number): number {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  let found = 0;
  while (at < message.length) {
    const tag = next();
    const type = tag % 8;
    if (type === VARINT) {
      const value = next();
      if (Math.floor(tag / 8) === wanted) found = value;
    } else if (type === BYTES) {
      const length = next();
      at += length;
    } else if (type === FIXED64 || type === FIXED32) {
      at += type === FIXED64 ? 8 : 4;
    } else {
      throw new RangeError(`a protocol buffer with the wire type ${type}`);
    }
  }
  return found;
}
