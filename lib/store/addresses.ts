import { type AddressRange, addressesOf, contains, formatAddress, parseAddress } from '../cluster/address-range.ts';
import type { Node } from '../cluster/node.ts';
import { eachLimited } from '../each-limited.ts';
import { addressPartition, keys } from './keys.ts';
import { findNode } from './nodes.ts';
import { ConditionFailed, deleteItem, putItem, queryItems } from './table.ts';

/** Items that are deleted, or whose nodes are looked for, at once. */
const AT_ONCE = 8;

/** Whose an address is: a node's by its serial, which no other node of its cluster ever had. */
export interface Reservation {
  address: string;
  clusterId: number;
  node: string;
  serial: number;
}
type Owner = Pick<Node, 'clusterId' | 'name' | 'serial'>;

const isOf = ({ clusterId, serial }: Reservation, owner: Owner) =>
  clusterId === owner.clusterId && serial === owner.serial;

/** Every address that an organization's nodes have. */
export function listReservations(organization: number): Promise<Reservation[]> {
  return queryItems<Reservation>(addressPartition(organization));
}

/** Frees an address, unless it is another's by now. */
async function free(organization: number, { address, clusterId, serial }: Reservation): Promise<void> {
  try {
    await deleteItem(keys.address(organization, address), {
      condition: 'clusterId = :clusterId AND serial = :serial',
      values: { ':clusterId': clusterId, ':serial': serial },
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** Frees the addresses that are a cluster's: all, or those of some of its nodes by their serials. */
export async function releaseAddresses(
  organization: number,
  clusterId: number,
  serials?: ReadonlySet<number>,
): Promise<void> {
  const own = (await listReservations(organization)).filter(
    (each) => each.clusterId === clusterId && (!serials || serials.has(each.serial)),
  );
  await eachLimited(own, AT_ONCE, (each) => free(organization, each));
}

/**
 * Gives addresses of an organization to nodes, each to one, whoever else gives some away at the same time. A node's record is written
 * before its address is reserved, and deleted after that is released: so what is reserved for a node without a record is nobody's.
 */
export class AddressBook {
  readonly #organization: number;
  readonly #known: Map<number, Reservation>;

  private constructor(organization: number, reservations: readonly Reservation[]) {
    this.#organization = organization;
    this.#known = new Map(reservations.map((each) => [parseAddress(each.address) as number, each]));
  }

  static async read(organization: number): Promise<AddressBook> {
    return new AddressBook(organization, await listReservations(organization));
  }

  /**
   * Reserves an address for a node, or finds the one that was reserved for it before.
   * @returns undefined where all of the ranges are given
   */
  async reserve(owner: Owner, ranges: readonly AddressRange[]): Promise<string | undefined> {
    const before = [...this.#known.values()].find((each) => isOf(each, owner));
    if (before) return before.address;
    return (await this.#take(owner, ranges)) ?? ((await this.#reclaim(ranges)) ? this.#take(owner, ranges) : undefined);
  }

  async #take(owner: Owner, ranges: readonly AddressRange[]): Promise<string | undefined> {
    for (const number of ranges.flatMap((range) => [...addressesOf(range)])) {
      if (this.#known.has(number)) continue;
      const reservation = {
        address: formatAddress(number),
        clusterId: owner.clusterId,
        node: owner.name,
        serial: owner.serial,
      };
      // Others who give addresses to their nodes from this book look for another one meanwhile.
      this.#known.set(number, reservation);
      const holder = await this.#put(reservation);
      this.#known.set(number, holder);
      if (isOf(holder, owner)) return holder.address;
    }
    return undefined;
  }

  /** @returns whose the address is now */
  async #put(reservation: Reservation): Promise<Reservation> {
    try {
      await putItem(
        { ...keys.address(this.#organization, reservation.address), ...reservation },
        { condition: 'attribute_not_exists(pk)' },
      );
      return reservation;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || !error.item) throw error;
      return error.item as unknown as Reservation;
    }
  }

  /** Frees those of the ranges that are nobody's. @returns whether there were any */
  async #reclaim(ranges: readonly AddressRange[]): Promise<boolean> {
    let found = false;
    const given = [...this.#known].filter(([number]) => ranges.some((range) => contains(range, number)));
    await eachLimited(given, AT_ONCE, async ([number, reservation]) => {
      const node = await findNode(reservation.clusterId, reservation.node);
      if (node?.serial === reservation.serial) return;
      await free(this.#organization, reservation);
      this.#known.delete(number);
      found = true;
    });
    return found;
  }
}
