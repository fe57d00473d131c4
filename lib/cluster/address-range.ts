import * as z from 'zod/mini';

/** IPv4 addresses from the first to the last, both included, as unsigned 32-bit numbers. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

const MAX = 0xffffffff;
/** Decimal octets without leading zeros, which some read as octal. */
const OCTET = /^(0|[1-9]\d{0,2})$/;

/** Reads an IPv4 address in dotted decimal; undefined where it is none. */
export function parseAddress(text: string): number | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255)) return undefined;
  return octets.reduce((address, octet) => address * 256 + Number(octet), 0);
}

/** Writes an IPv4 address in dotted decimal. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** The network of a prefix length that an address is in. */
export function networkOf(address: number, prefix: number): AddressRange {
  const size = 2 ** (32 - prefix);
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** The network of an address with a prefix, such as 10.96.0.0/12, wherever in it the address is. */
export function networkRange(cidr: string): AddressRange {
  const [address = '', prefix] = cidr.split('/');
  return networkOf(parseAddress(address) ?? 0, Number(prefix));
}

/**
 * Reads a range: `10.0.0.20-10.0.0.60`, a network such as `10.0.0.0/24`, or one address.
 * @throws RangeError saying what is wrong with it
 */
export function parseRange(text: string): AddressRange {
  const [from = '', to, ...more] = text.split('-').map((part) => part.trim());
  const [network = '', prefix, ...rest] = from.split('/');
  const first = parseAddress(network);
  const last = to === undefined ? first : parseAddress(to);
  const mixed = more.length > 0 || rest.length > 0 || (to !== undefined && prefix !== undefined);
  if (first === undefined || last === undefined || mixed) {
    throw new RangeError(
      `'${text}' is no range of IPv4 addresses: write 10.0.0.20-10.0.0.60, 10.0.0.0/24, or one address`,
    );
  }
  if (prefix !== undefined) return parseNetwork(text, first, prefix);
  if (last < first) throw new RangeError(`'${text}' ends before it begins`);
  return { first, last };
}

function parseNetwork(text: string, first: number, prefix: string): AddressRange {
  if (!/^(\d|[12]\d|3[0-2])$/.test(prefix)) throw new RangeError(`'${text}': the prefix is a number from 0 to 32`);
  const network = networkOf(first, Number(prefix));
  if (network.first !== first) {
    throw new RangeError(`'${text}' does not begin at its network: ${formatAddress(network.first)}/${prefix} does`);
  }
  return network;
}

/** Writes a range: one address, or the first and the last. */
export function formatRange({ first, last }: AddressRange): string {
  return first === last ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`;
}

/** How many addresses a range has. */
export function sizeOfRange({ first, last }: AddressRange): number {
  return last - first + 1;
}

/** Whether a range has an address, or all addresses of another range. */
export function contains(range: AddressRange, other: AddressRange | number): boolean {
  const { first, last } = typeof other === 'number' ? { first: other, last: other } : other;
  return range.first <= first && last <= range.last;
}

/** Whether two ranges have an address in common. */
export function overlap(a: AddressRange, b: AddressRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** The addresses of a range in order, one at a time: it may be large. */
export function* addressesOf({ first, last }: AddressRange): Generator<number> {
  for (let address = first; address <= Math.min(last, MAX); address++) yield address;
}

/** A range in a user's input. It stays the text that it was: `parseRange` reads it, and does not throw any more. */
export const addressRange = z.string().check(
  z.superRefine((text, context) => {
    try {
      parseRange(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as RangeError).message });
    }
  }),
);
