// An immutable snapshot of who is in line: present and not taken out for any reason; answers rank and order.
// Leaves why somebody is taken out of the line (called, missed, claimed) to the room.
import type { Bitmap } from './bitmap.ts';
import { bitsPerWord, countBits, lowestBit, pushPlaces } from './bits.ts';

/** Small enough that counting inside a block is cheap, large enough that the counts take 1/8 of the words. */
const wordsPerBlock = 8;
const placesPerBlock = wordsPerBlock * bitsPerWord;

export class LineOrder {
  readonly #base: number;
  readonly #words: Uint32Array;
  /** How many in line stand before each block; one entry more than there are blocks, the last is the total. */
  readonly #before: Uint32Array;

  private constructor(base: number, words: Uint32Array, before: Uint32Array) {
    this.#base = base;
    this.#words = words;
    this.#before = before;
  }

  /** In line are the places of `present` that are in none of `without`; later changes to either do not show. */
  static of(present: Bitmap, without: readonly Bitmap[]): LineOrder {
    const words = present.copyWords();
    for (const bitmap of without) bitmap.clearIn(words, present.base);
    const before = new Uint32Array(Math.ceil(words.length / wordsPerBlock) + 1);
    let total = 0;
    for (let index = 0; index < words.length; index++) {
      if (index % wordsPerBlock === 0) before[index / wordsPerBlock] = total;
      total += countBits(words[index] ?? 0);
    }
    before[before.length - 1] = total;
    return new LineOrder(present.base, words, before);
  }

  /** How many are in line. */
  get total(): number {
    return this.#before[this.#before.length - 1] ?? 0;
  }

  has(place: number): boolean {
    const offset = place - this.#base;
    if (offset < 0 || offset >= this.#words.length * bitsPerWord) return false;
    return ((this.#words[offset >>> 5] ?? 0) & (1 << (offset & 31))) !== 0;
  }

  /** How many in line stand before this place, whether or not the place itself is in line. */
  rankOf(place: number): number {
    const offset = place - this.#base;
    if (offset <= 0) return 0;
    if (offset >= this.#words.length * bitsPerWord) return this.total;
    const wordIndex = offset >>> 5;
    const block = Math.floor(offset / placesPerBlock);
    let rank = this.#before[block] ?? 0;
    for (let index = block * wordsPerBlock; index < wordIndex; index++) rank += countBits(this.#words[index] ?? 0);
    return rank + countBits((this.#words[wordIndex] ?? 0) & ((1 << (offset & 31)) - 1));
  }

  /** The lowest `k` places in line, ascending: those whose turn comes first. */
  lowest(k: number): number[] {
    const places: number[] = [];
    // The stretch before the first in line can be long: the counts tell where it ends.
    const start = this.total === 0 ? this.#words.length : this.#blockAt(0) * wordsPerBlock;
    for (let index = start; index < this.#words.length && places.length < k; index++) {
      pushPlaces(places, this.#words[index] ?? 0, this.#base + index * bitsPerWord, k);
    }
    return places;
  }

  /** The place that has exactly `rank` in line before it and is in line itself; undefined beyond the end of the line. */
  placeAt(rank: number): number | undefined {
    if (!(rank >= 0 && rank < this.total)) return undefined;
    let index = this.#blockAt(rank) * wordsPerBlock;
    let rest = rank - (this.#before[index / wordsPerBlock] ?? 0);
    let word = this.#words[index] ?? 0;
    for (let count = countBits(word); rest >= count; count = countBits(word)) {
      rest -= count;
      word = this.#words[++index] ?? 0;
    }
    for (; rest > 0; rest--) word &= word - 1;
    return this.#base + index * bitsPerWord + lowestBit(word);
  }

  /** The last block with at most `rank` in line before it; `rank` is below the total. */
  #blockAt(rank: number): number {
    let low = 0;
    let high = this.#before.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#before[middle] ?? 0) <= rank) low = middle;
      else high = middle;
    }
    return low;
  }
}
