// What the shop has to sell: seats per category, held by reservations that run out by themselves. Every operation is one
// synchronous step, so parallel requests can never sell a seat twice. Who reserves and who pays is left to others.
import { randomUUID } from 'node:crypto';

export interface Category {
  readonly id: string;
  readonly title: string;
  readonly titleEnglish: string;
  readonly priceYen: number;
  /** Seats on sale at the start, and again at each restock. */
  readonly count: number;
}

export interface Reservation {
  readonly id: string;
  readonly category: Category;
  readonly count: number;
  readonly expiresAtMs: number;
}

export interface CategoryStock {
  readonly category: Category;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

export type ReserveOutcome =
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'soldOut' }
  | { readonly kind: 'unknownCategory' };

export interface Stock {
  categories(nowMs: number): readonly CategoryStock[];
  reserve(categoryId: string, count: number, nowMs: number): ReserveOutcome;
  /** The reservation while it lasts. */
  reservationOf(id: string, nowMs: number): Reservation | undefined;
  /** Turns a reservation into a sale, once; undefined when it ran out or never was. */
  sell(id: string, nowMs: number): Reservation | undefined;
  release(id: string): void;
  /** Puts further seats of a category on sale; false when there is no such category. */
  add(categoryId: string, count: number): boolean;
  /** Tells when any count has changed; returns how to stop listening. */
  onChange(listener: () => void): () => void;
}

export const defaultCategories: readonly Category[] = [
  { id: 's', title: 'S席', titleEnglish: 'Seat S', priceYen: 14_800, count: 200 },
  { id: 'a', title: 'A席', titleEnglish: 'Seat A', priceYen: 9_800, count: 600 },
  { id: 'b', title: 'B席', titleEnglish: 'Seat B', priceYen: 5_800, count: 1_200 },
];

interface Counts {
  readonly category: Category;
  available: number;
  reserved: number;
  sold: number;
}

export function openStock(categories: readonly Category[], reservationMs: number): Stock {
  const counts = new Map<string, Counts>(
    categories.map(category => [category.id, { category, available: category.count, reserved: 0, sold: 0 }]),
  );
  // All reservations last equally long, so the oldest, which a Map lists first, runs out first.
  const reservations = new Map<string, Reservation>();
  const listeners = new Set<() => void>();

  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  const giveBack = (reservation: Reservation): void => {
    reservations.delete(reservation.id);
    const count = counts.get(reservation.category.id);
    if (count === undefined) return;
    count.reserved -= reservation.count;
    count.available += reservation.count;
  };

  const dropExpired = (nowMs: number): void => {
    let dropped = false;
    for (const reservation of reservations.values()) {
      if (reservation.expiresAtMs > nowMs) break;
      giveBack(reservation);
      dropped = true;
    }
    if (dropped) changed();
  };

  return {
    categories: nowMs => {
      dropExpired(nowMs);
      return [...counts.values()].map(count => ({ ...count }));
    },
    reserve: (categoryId, wanted, nowMs) => {
      dropExpired(nowMs);
      const count = counts.get(categoryId);
      if (count === undefined) return { kind: 'unknownCategory' };
      if (count.available < wanted) return { kind: 'soldOut' };
      count.available -= wanted;
      count.reserved += wanted;
      const { category } = count;
      const reservation = { id: randomUUID(), category, count: wanted, expiresAtMs: nowMs + reservationMs };
      reservations.set(reservation.id, reservation);
      changed();
      return { kind: 'reserved', reservation };
    },
    reservationOf: (id, nowMs) => {
      dropExpired(nowMs);
      return reservations.get(id);
    },
    sell: (id, nowMs) => {
      dropExpired(nowMs);
      const reservation = reservations.get(id);
      const count = reservation && counts.get(reservation.category.id);
      if (reservation === undefined || count === undefined) return undefined;
      reservations.delete(id);
      count.reserved -= reservation.count;
      count.sold += reservation.count;
      changed();
      return reservation;
    },
    release: id => {
      const reservation = reservations.get(id);
      if (reservation === undefined) return;
      giveBack(reservation);
      changed();
    },
    add: (categoryId, added) => {
      const count = counts.get(categoryId);
      if (count === undefined) return false;
      count.available += added;
      changed();
      return true;
    },
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
