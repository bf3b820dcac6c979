// Who is present in a room, by place: the devices that this gateway holds, and what the caller merged of all gateways.
// What it means for the line is left to the view.

import { Bitmap } from '../queue/bitmap.ts';
import type { Presence } from '../queue/presence.ts';
import type { PresentPlaces } from '../queue/turn.ts';
import type { PresenceBytes } from '../store/room-exchange.ts';
import { PlaceOrder } from './place-order.ts';

export class WhoIsPresent {
  /** The devices of this gateway, by number. */
  readonly #devices: Presence;
  #order: PlaceOrder | null = PlaceOrder.byArrival;
  /** Places of the devices of this gateway. */
  #here = new Bitmap();
  /** Who is present with any gateway, as the caller merged it last; null where this gateway is the only one. */
  #everybody: PresentPlaces | null = null;
  /** The same in the order of places that is known here. */
  #merged = new Bitmap();
  /** Both together; null: to be put together anew. */
  #union: Bitmap | null = null;

  constructor(devices: Presence) {
    this.#devices = devices;
  }

  /** Null between the seal and the end of the draw: places are not known then. */
  get order(): PlaceOrder | null {
    return this.#order;
  }

  /** From now on devices stand in another order. No place below `fromPlace` is of interest. */
  reorder(order: PlaceOrder | null, fromPlace: number): void {
    this.#order = order;
    this.#here = new Bitmap(fromPlace);
    this.#mapEverybody();
    if (order === null) return;
    for (const number of this.#devices.numbers()) this.#here.add(order.placeOf(number));
  }

  /** No place below this one is of interest any more. */
  trimBelow(place: number): void {
    this.#here.trimBelow(place);
    this.#union = null;
  }

  /** A device connected here. True when it was not present here before. */
  attach(number: number): boolean {
    if (!this.#devices.attach(number)) return false;
    this.#enter(number);
    return true;
  }

  /** A device asked without staying connected; it is present until then. True when it was not present here before. */
  touch(number: number, presentUntilMs: number): boolean {
    if (!this.#devices.touch(number, presentUntilMs)) return false;
    this.#enter(number);
    return true;
  }

  /** A device left the line, by way of this gateway or another. True when its place was taken. */
  forget(number: number): boolean {
    const wasHere = this.#devices.forget(number);
    // What the caller merges next does not have it any more either.
    const wasMerged = this.#order !== null && this.#merged.delete(this.#order.placeOf(number));
    if (wasHere || wasMerged) this.#leave(number);
    return wasHere || wasMerged;
  }

  /** Lets go of devices whose grace time is over. True when there were any. */
  expire(nowMs: number): boolean {
    const expired = this.#devices.expire(nowMs);
    for (const number of expired) this.#leave(number);
    return expired.length > 0;
  }

  /** Who is present with any gateway, this one included. From now on these count as well. */
  hearEverybody(everybody: PresentPlaces): void {
    this.#everybody = everybody;
    this.#mapEverybody();
  }

  /** Who is present here, for the other gateways; in arrival order while places are not known. */
  say(): PresenceBytes {
    if (this.#order !== null) return { order: this.#order.drawn, bytes: this.#here.toBytes() };
    return { order: 0, bytes: Bitmap.of(this.#devices.numbers()).toBytes() };
  }

  /** Whether a device is present with any gateway, as far as it is known here. */
  has(number: number): boolean {
    if (this.#devices.isPresent(number)) return true;
    if (this.#everybody === null) return false;
    if (this.#order !== null) return this.#merged.has(this.#order.placeOf(number));
    return this.#everybody.drawn === 0 && this.#everybody.places.has(number);
  }

  /** How many devices are present. */
  get count(): number {
    if (this.#everybody === null) return this.#devices.count;
    if (this.#order === null) return Math.max(this.#devices.count, this.#everybody.places.count);
    return this.places().count;
  }

  /** The places of all present devices; none while places are not known. The owner's, and not to be changed. */
  places(): Bitmap {
    if (this.#everybody === null) return this.#here;
    if (this.#union === null) {
      this.#union = this.#here.clone();
      this.#union.addAll(this.#merged);
    }
    return this.#union;
  }

  #enter(number: number): void {
    if (this.#order === null) return;
    const place = this.#order.placeOf(number);
    this.#here.add(place);
    this.#union?.add(place);
  }

  #leave(number: number): void {
    if (this.#order !== null) this.#here.delete(this.#order.placeOf(number));
    this.#union = null;
  }

  #mapEverybody(): void {
    this.#union = null;
    this.#merged = new Bitmap();
    if (this.#everybody !== null && this.#order !== null) this.#merged = this.#order.placesOf(this.#everybody);
  }
}
