import * as z from 'zod/mini';
import {
  type AddressRange,
  addressRange,
  contains,
  formatAddress,
  formatRange,
  networkOf,
  overlap,
  parseAddress,
  parseRange,
  sizeOfRange,
} from './address-range.ts';

/** Longer networks than these have no room for nodes, and shorter ones for MAC addresses made of an address (see mac-address.ts). */
const MIN_PREFIX = 14;
const MAX_PREFIX = 30;
const MAX_RANGES = 32;
/** As many as a resolver asks (resolv.conf(5)). */
const MAX_NAMESERVERS = 3;

const address = z.ipv4('an IPv4 address such as 10.0.0.1');

/** Addresses of nodes' first NICs, given from a range; their further NICs ask DHCP. */
const fields = z.strictObject({
  /** Given to nodes, by us alone: no DHCP server, machine or other organization has any of them. */
  range: z.union([addressRange, z.array(addressRange).check(z.minLength(1), z.maxLength(MAX_RANGES))]),
  /** Length of the network's prefix; that of the range where it is a network. */
  prefix: z.optional(z.int().check(z.gte(MIN_PREFIX), z.lte(MAX_PREFIX, `from ${MIN_PREFIX} to ${MAX_PREFIX}`))),
  /** Without one the nodes reach their own network alone. */
  gateway: z.optional(address),
  nameservers: z._default(z.array(address).check(z.maxLength(MAX_NAMESERVERS)), []),
  searchDomains: z._default(z.array(z.hostname()).check(z.maxLength(6)), []),
});

export const addresses = fields.check(
  z.superRefine((value, context) => {
    for (const [field, message] of issuesOf(value)) context.addIssue({ code: 'custom', path: [field], message });
  }),
);
export type Addresses = z.infer<typeof fields>;

const textsOf = ({ range }: Pick<Addresses, 'range'>) => [range].flat();

/** The ranges, as they are written. */
export const rangesOf = (value: Pick<Addresses, 'range'>): AddressRange[] => textsOf(value).map(parseRange);

/** The length of the network's prefix; undefined where it is neither written nor that of the range. */
export function prefixOf({ range, prefix }: Pick<Addresses, 'range' | 'prefix'>): number | undefined {
  const own = /\/(\d+)$/.exec(textsOf({ range })[0] ?? '')?.[1];
  return prefix ?? (own === undefined ? undefined : Number(own));
}

/** The network that the addresses are in. */
export function networkOfAddresses(value: Pick<Addresses, 'range' | 'prefix'>): AddressRange {
  return networkOf((rangesOf(value)[0] as AddressRange).first, prefixOf(value) as number);
}

/** The addresses that nodes may get: all of the ranges but the network's own and the one for all. */
export function usableRanges(value: Pick<Addresses, 'range' | 'prefix'>): AddressRange[] {
  const network = networkOfAddresses(value);
  return rangesOf(value)
    .map(({ first, last }) => ({
      first: Math.max(first, network.first + 1),
      last: Math.min(last, network.last - 1),
    }))
    .filter(({ first, last }) => first <= last);
}

/** Whether each address is one: where one is not, that is told already. */
const isReadable = (value: Addresses) =>
  textsOf(value).every((text) => addressRange.safeParse(text).success) &&
  [value.gateway ?? [], value.nameservers].flat().every((text) => parseAddress(text) !== undefined);

/** What is wrong with the addresses of one pool: the field and why. */
function issuesOf(value: Addresses): [keyof Addresses, string][] {
  if (!isReadable(value)) return [];
  const ranges = rangesOf(value);
  const prefix = prefixOf(value);
  if (prefix === undefined) {
    return [['prefix', "the length of the network's prefix, such as 24: the range does not tell it"]];
  }
  if (prefix < MIN_PREFIX || prefix > MAX_PREFIX) {
    return [['prefix', `the network's prefix is from ${MIN_PREFIX} to ${MAX_PREFIX} long, not ${prefix}`]];
  }
  const network = networkOfAddresses(value);
  const named = `${formatAddress(network.first)}/${prefix}`;
  const outside = ranges.find((range) => !contains(network, range));
  if (outside) return [['range', `${formatRange(outside)} is not in the network ${named}`]];
  const issues: [keyof Addresses, string][] = [];
  const twice = ranges.find((range, index) => ranges.some((other, i) => i < index && overlap(range, other)));
  if (twice) issues.push(['range', `${formatRange(twice)} overlaps another range of the list`]);
  if (usableRanges(value).length === 0) issues.push(['range', `it has no address for a node in the network ${named}`]);
  const given = (text: string) => ranges.some((range) => contains(range, parseAddress(text) as number));
  const { gateway, nameservers } = value;
  if (gateway !== undefined) {
    const at = parseAddress(gateway) as number;
    if (!contains(network, at) || at === network.first || at === network.last) {
      issues.push(['gateway', `${gateway} is no address of a machine in the network ${named}`]);
    } else if (given(gateway)) issues.push(['gateway', `${gateway} is in the range: leave it out there`]);
  }
  const server = nameservers.find(given);
  if (server) issues.push(['nameservers', `${server} is in the range: leave it out there`]);
  return issues;
}

/** What addresses need to know of a pool. */
export interface AddressedPool {
  name: string;
  size: number;
  addresses?: Addresses;
  placements?: readonly { name: string; secretId?: string; secretName?: string; addresses?: Addresses }[];
}

/** The addresses of nodes: their failure domain's, else their pool's. On another vCenter the pool's mean nothing. */
export function addressesOf(
  pool: Pick<AddressedPool, 'addresses'>,
  domain: NonNullable<AddressedPool['placements']>[number] | undefined,
): Addresses | undefined {
  const elsewhere = domain?.secretId ?? domain?.secretName;
  return domain?.addresses ?? (elsewhere ? undefined : pool.addresses);
}

/** Addresses as they are written in one place, and how many nodes get theirs from there. */
interface Block {
  path: (string | number)[];
  value: Addresses;
  nodes: number;
}

function blocksOf(pools: readonly AddressedPool[]): Block[] {
  return pools.flatMap((pool, index) => {
    const { placements, size } = pool;
    const path = ['nodepools', index];
    if (!placements)
      return pool.addresses ? [{ path: [...path, 'addresses'], value: pool.addresses, nodes: size }] : [];
    // As evenly as they are spread.
    const share = Math.ceil(size / placements.length);
    const blocks = placements.flatMap((domain, i): Block[] =>
      domain.addresses
        ? [{ path: [...path, 'placements', i, 'addresses'], value: domain.addresses, nodes: share }]
        : [],
    );
    const others = placements.filter((domain) => !domain.addresses && addressesOf(pool, domain)).length;
    return pool.addresses && others > 0
      ? [...blocks, { path: [...path, 'addresses'], value: pool.addresses, nodes: Math.min(size, share * others) }]
      : blocks;
  });
}

const share = (a: readonly AddressRange[], b: readonly AddressRange[]) => a.some((x) => b.some((y) => overlap(x, y)));

/** Blocks that have addresses in common, directly or by others, are one group. */
function groupsOf(blocks: readonly Block[]): Block[][] {
  return blocks.reduce<Block[][]>((groups, block) => {
    const near = groups.filter((group) => group.some(({ value }) => share(rangesOf(value), rangesOf(block.value))));
    return [...groups.filter((group) => !near.includes(group)), [...near.flat(), block]];
  }, []);
}

/** How many different addresses blocks have for nodes. */
function sizeOf(blocks: readonly Block[]): number {
  const ranges = blocks.flatMap(({ value }) => usableRanges(value)).toSorted((a, b) => a.first - b.first);
  let [count, end] = [0, -1];
  for (const { first, last } of ranges) {
    if (last > end) count += sizeOfRange({ first: Math.max(first, end + 1), last });
    end = Math.max(end, last);
  }
  return count;
}

/**
 * What is wrong with the addresses of a cluster's pools together: too few of them, networks that contradict each other, and ranges
 * that something else in the cluster has.
 * @param taken what else has addresses, by its name
 * @returns paths of fields from the cluster on, and why
 */
export function addressIssues(
  pools: readonly AddressedPool[],
  taken: Record<string, readonly AddressRange[]>,
): [(string | number)[], string][] {
  const blocks = blocksOf(pools).filter(({ value }) => isReadable(value) && issuesOf(value).length === 0);
  const issues: [(string | number)[], string][] = [];
  for (const [index, { path, value, nodes }] of blocks.entries()) {
    const own = sizeOf([{ path, value, nodes }]);
    if (own < nodes) issues.push([[...path, 'range'], `${own} addresses for ${nodes} nodes`]);
    for (const [name, ranges] of Object.entries(taken)) {
      if (share(rangesOf(value), ranges)) issues.push([[...path, 'range'], `it overlaps ${name}`]);
    }
    const network = networkOfAddresses(value);
    const other = blocks.slice(0, index).find((each) => overlap(networkOfAddresses(each.value), network));
    if (other && prefixOf(other.value) !== prefixOf(value)) {
      issues.push([[...path, 'prefix'], `another pool has ${prefixOf(other.value)} for the same network`]);
    } else if (other && other.value.gateway !== value.gateway) {
      issues.push([[...path, 'gateway'], `another pool has ${other.value.gateway ?? 'none'} for the same network`]);
    }
  }
  for (const group of groupsOf(blocks).filter(({ length }) => length > 1)) {
    const nodes = group.reduce((sum, block) => sum + block.nodes, 0);
    const path = group.at(-1)?.path ?? [];
    const message = `pools share these addresses: ${sizeOf(group)} for ${nodes} nodes together`;
    if (sizeOf(group) < nodes) issues.push([[...path, 'range'], message]);
  }
  return issues;
}

/** What a user should know of pools whose addresses are all in use once their nodes run. */
export function addressWarnings(pools: readonly AddressedPool[]): string[] {
  return groupsOf(blocksOf(pools))
    .filter((group) => group.reduce((sum, { nodes }) => sum + nodes, 0) === sizeOf(group))
    .map(
      (group) =>
        `The range ${group.flatMap(({ value }) => textsOf(value)).join(', ')} has no address to spare: a node whose VM can not be removed can not be replaced. Make it larger.`,
    );
}
