// Where a ticket stands: its drawn number if it came before the draw, else its arrival number. And back.

import { numbersByPlace } from '../draw/permute.ts';
import { Bitmap } from '../queue/bitmap.ts';
import type { PresentPlaces } from '../queue/turn.ts';

export class PlaceOrder {
  /** Everybody stands where they arrived. */
  static readonly byArrival = new PlaceOrder(new Uint32Array(0));

  /** How many numbers were drawn. */
  readonly drawn: number;
  readonly #places: Uint32Array;
  readonly #numbers: Uint32Array;

  /** `places[number]` is the drawn place of each number below `drawn`; `numbers` the same backwards. */
  constructor(places: Uint32Array, numbers: Uint32Array = numbersByPlace(places)) {
    this.drawn = places.length;
    this.#places = places;
    this.#numbers = numbers;
  }

  placeOf(number: number): number {
    return this.#places[number] ?? number;
  }

  /** Places known in this order or by arrival, in this order; none when they are known in another one. */
  placesOf({ places, drawn }: PresentPlaces): Bitmap {
    if (drawn === this.drawn) return places.clone();
    const mapped = new Bitmap();
    if (drawn === 0) for (const number of places.places()) mapped.add(this.placeOf(number));
    return mapped;
  }

  numberAt(place: number): number {
    return this.#numbers[place] ?? place;
  }
}
