import * as z from 'zod/mini';
import {
  type AddressRange,
  addressRange,
  contains,
  formatAddress,
  formatRange,
  overlap,
  parseAddress,
  parseRange,
} from './address-range.ts';

/**
 * Addresses that MetalLB gives to Services of type LoadBalancer: `10.0.0.20-10.0.0.60`, a network, one address, or a list of
 * these. Read as a list.
 */
export const loadBalancerIPRange = z.optional(
  z.pipe(
    z.pipe(
      z.union([z.string(), z.array(z.string())], 'a range of IPv4 addresses, or a list of ranges'),
      z.transform((value) => [value].flat()),
    ),
    z.array(addressRange).check(z.minLength(1, 'at least one range, or leave the field out'), z.maxLength(64)),
  ),
);

/** Whether the load balancer gives an address away. */
export function isLoadBalancers(texts: readonly string[] | undefined, address: string): boolean {
  const number = parseAddress(address);
  return number !== undefined && (texts ?? []).some((text) => contains(parseRange(text), number));
}

/** A range; none where the text is malformed, which is told elsewhere. */
function read(text: string): AddressRange | undefined {
  const { success } = addressRange.safeParse(text);
  return success ? parseRange(text) : undefined;
}

/** A range as MetalLB reads it: a network, or the first and the last address. */
export function metalLBRange(text: string): string {
  if (text.includes('/')) return text.trim();
  const { first, last } = parseRange(text);
  return first === last ? `${formatAddress(first)}/32` : formatRange({ first, last });
}

/**
 * What is wrong with the ranges of a load balancer among the other addresses of a cluster, by the index of the range.
 * @param taken ranges that are something else's, by what they are
 */
export function loadBalancerIssues(
  texts: readonly string[],
  taken: readonly (readonly [what: string, range: AddressRange])[],
): [index: number, message: string][] {
  const ranges = texts.map(read);
  return ranges.flatMap((range, index): [number, string][] => {
    if (!range) return [];
    const twice = ranges.findIndex((other) => other && overlap(range, other));
    const others: [number, string][] = taken
      .filter(([, other]) => overlap(range, other))
      .map(([what, other]) => [index, `${texts[index]} overlaps with ${what} ${formatRange(other)}`]);
    return twice < index ? [[index, `${texts[index]} overlaps with ${texts[twice]}`], ...others] : others;
  });
}
