// Who left a room by their own word: they count no more, whatever a snapshot of who is present says that may have been made
// before that. Leaves to its owner which snapshots those are.

import type { PresentPlaces } from '../queue/turn.ts';
import type { PlaceOrder } from './place-order.ts';

/** `isTakenOut`: the snapshot that was heard last has them, or had them until they left. */
type Leave = { readonly atMs: number; readonly isTakenOut: boolean };

export class WhoLeft {
  readonly #order: () => PlaceOrder | null;
  readonly #leaves = new Map<number, Leave>();

  constructor(order: () => PlaceOrder | null) {
    this.#order = order;
  }

  /** Whether anybody was taken out of the last snapshot who may be back. */
  get isAnybodyTakenOut(): boolean {
    for (const { isTakenOut } of this.#leaves.values()) if (isTakenOut) return true;
    return false;
  }

  /** Somebody left: they are taken out of the snapshot that was heard last. */
  leave(number: number, atMs: number, last: PresentPlaces): void {
    const wasTakenOut = this.#leaves.get(number)?.isTakenOut === true;
    this.#leaves.set(number, { atMs, isTakenOut: this.#delete(number, last) || wasTakenOut });
  }

  /** Takes all who left out of a snapshot that is heard from now on. */
  takeOut(heard: PresentPlaces): void {
    for (const [number, { atMs }] of this.#leaves)
      this.#leaves.set(number, { atMs, isTakenOut: this.#delete(number, heard) });
  }

  /** Who left until then is known to have: snapshots are right about them. Gives those who were taken out. */
  settle(untilMs: number): readonly number[] {
    const takenOut: number[] = [];
    for (const [number, { atMs, isTakenOut }] of this.#leaves) {
      if (atMs > untilMs) continue;
      this.#leaves.delete(number);
      if (isTakenOut) takenOut.push(number);
    }
    return takenOut;
  }

  /** Into the snapshot that they were taken out of. */
  putBack(numbers: readonly number[], last: PresentPlaces): void {
    for (const number of numbers) {
      const place = this.#placeIn(last, number);
      if (place !== null) last.places.add(place);
    }
  }

  #delete(number: number, from: PresentPlaces): boolean {
    const place = this.#placeIn(from, number);
    return place !== null && from.places.delete(place);
  }

  /** Null while the order of the snapshot is not known here. */
  #placeIn({ drawn }: PresentPlaces, number: number): number | null {
    if (drawn === 0) return number;
    const order = this.#order();
    return order?.drawn === drawn ? order.placeOf(number) : null;
  }
}
