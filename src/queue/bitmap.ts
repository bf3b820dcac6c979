// A growable set of places, one bit each, over a window whose lower edge can be trimmed.
// Leaves rank and order to line-order.ts and the byte form to bitmap-bytes.ts.
import { decodeWords, encodeWords } from './bitmap-bytes.ts';
import { bitsPerWord, countBits, lowestBit, pushPlaces } from './bits.ts';

/** Places are integers from 0 up to, not including, this. */
export const placesMax = 2 ** 40;
/** The widest window: 256 MiB of bits. A wider one means that nobody trims, which is a bug. */
const windowWordsMax = 2 ** 26;
const capacityWordsMin = 4;

export class Bitmap {
  #base: number;
  #words: Uint32Array = new Uint32Array(capacityWordsMin);
  /** No word at or after this index has a bit set. */
  #wordsUsed = 0;
  #count = 0;

  /** `base` is the lowest place the set can hold, rounded down to a multiple of 32. */
  constructor(base = 0) {
    this.#base = wordBaseOf(base);
  }

  static of(places: Iterable<number>): Bitmap {
    const bitmap = new Bitmap();
    for (const place of places) bitmap.add(place);
    return bitmap;
  }

  /** Reads what `toBytes` wrote; throws BitmapBytesError for anything else. */
  static fromBytes(bytes: Uint8Array): Bitmap {
    const { baseWord, words } = decodeWords(bytes, windowWordsMax);
    const bitmap = new Bitmap(baseWord * bitsPerWord);
    bitmap.#words = words;
    bitmap.#wordsUsed = words.length;
    bitmap.#count = countIn(words, words.length);
    return bitmap;
  }

  get count(): number {
    return this.#count;
  }

  /** The lowest place the set can hold; a multiple of 32. */
  get base(): number {
    return this.#base;
  }

  /** One more than the highest place in the set; `base` when the set is empty. */
  get end(): number {
    const wordsUsed = this.#shrinkUsed();
    if (wordsUsed === 0) return this.#base;
    return this.#base + wordsUsed * bitsPerWord - Math.clz32(this.#words[wordsUsed - 1] ?? 0);
  }

  has(place: number): boolean {
    const offset = place - this.#base;
    if (offset < 0 || offset >= this.#wordsUsed * bitsPerWord) return false;
    return ((this.#words[offset >>> 5] ?? 0) & (1 << (offset & 31))) !== 0;
  }

  /** True when the place was not in the set and is now; a place below `base` is ignored. */
  add(place: number): boolean {
    if (!(place < placesMax) || !Number.isInteger(place)) {
      throw new RangeError(`place ${place}, expected an integer below 2^40`);
    }
    const offset = place - this.#base;
    if (offset < 0) return false;
    const index = Math.floor(offset / bitsPerWord);
    if (index >= this.#wordsUsed) this.#useWords(index + 1);
    const word = this.#words[index] ?? 0;
    const bit = 1 << (offset & 31);
    if ((word & bit) !== 0) return false;
    this.#words[index] = word | bit;
    this.#count++;
    return true;
  }

  /** True when the place was in the set and is no more. */
  delete(place: number): boolean {
    if (!this.has(place)) return false;
    const offset = place - this.#base;
    const index = offset >>> 5;
    this.#words[index] = (this.#words[index] ?? 0) & ~(1 << (offset & 31));
    this.#count--;
    return true;
  }

  /** Adds every place of the other set that is not below this `base`. */
  addAll(other: Bitmap): void {
    if (other.#count === 0) return;
    const wordsEnd = (wordBaseOf(other.end + bitsPerWord - 1) - this.#base) / bitsPerWord;
    if (wordsEnd > this.#wordsUsed) this.#useWords(wordsEnd);
    const shift = (other.#base - this.#base) / bitsPerWord;
    for (let index = Math.max(0, shift); index < wordsEnd; index++) {
      const word = this.#words[index] ?? 0;
      const added = (other.#words[index - shift] ?? 0) & ~word;
      if (added === 0) continue;
      this.#words[index] = word | added;
      this.#count += countBits(added);
    }
  }

  /** Gives up the words that lie wholly below `place`; `base` moves up to its word and never back. */
  trimBelow(place: number): void {
    const base = wordBaseOf(place);
    if (!(base > this.#base)) return;
    const dropped = Math.min((base - this.#base) / bitsPerWord, this.#wordsUsed);
    this.#count -= countIn(this.#words, dropped);
    this.#base = base;
    this.#keepWords(dropped);
  }

  /** The lowest `k` places of the set, ascending. */
  lowest(k: number): number[] {
    const places: number[] = [];
    for (let index = 0; index < this.#wordsUsed && places.length < k; index++) {
      pushPlaces(places, this.#words[index] ?? 0, this.#base + index * bitsPerWord, k);
    }
    return places;
  }

  /** All places, ascending. */
  *places(): Generator<number, void, undefined> {
    for (let index = 0; index < this.#wordsUsed; index++) {
      const wordBase = this.#base + index * bitsPerWord;
      for (let rest = this.#words[index] ?? 0; rest !== 0; rest &= rest - 1) yield wordBase + lowestBit(rest);
    }
  }

  clone(): Bitmap {
    const copy = new Bitmap(this.#base);
    copy.#words = this.#words.slice(0, this.#shrinkUsed());
    copy.#wordsUsed = copy.#words.length;
    copy.#count = this.#count;
    return copy;
  }

  toBytes(): Uint8Array {
    const words = this.#words.subarray(0, this.#shrinkUsed());
    return encodeWords({ baseWord: this.#base / bitsPerWord, words });
  }

  /** The words from `base` up to `end`, in an array of their own. */
  copyWords(): Uint32Array {
    return this.#words.slice(0, this.#shrinkUsed());
  }

  /** Clears in `words`, whose first bit is place `base` (a multiple of 32), every bit whose place is in this set. */
  clearIn(words: Uint32Array, base: number): void {
    const shift = (this.#base - base) / bitsPerWord;
    const start = Math.max(0, shift);
    const end = Math.min(words.length, this.#wordsUsed + shift);
    for (let index = start; index < end; index++) {
      words[index] = (words[index] ?? 0) & ~(this.#words[index - shift] ?? 0);
    }
  }

  #shrinkUsed(): number {
    while (this.#wordsUsed > 0 && this.#words[this.#wordsUsed - 1] === 0) this.#wordsUsed--;
    return this.#wordsUsed;
  }

  #useWords(wordsUsed: number): void {
    if (wordsUsed > windowWordsMax) {
      throw new RangeError(`window of ${wordsUsed} words from place ${this.#base}, expected at most ${windowWordsMax}`);
    }
    if (wordsUsed > this.#words.length) {
      const grown = new Uint32Array(Math.min(windowWordsMax, Math.max(wordsUsed, Math.ceil(this.#words.length * 1.5))));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#wordsUsed = wordsUsed;
  }

  /** Moves the words from index `start` on to the front, and gives memory back when most of it is unused. */
  #keepWords(start: number): void {
    const kept = this.#wordsUsed - start;
    if (this.#words.length > 4 * Math.max(kept, capacityWordsMin)) {
      const shrunk = new Uint32Array(Math.max(2 * kept, capacityWordsMin));
      shrunk.set(this.#words.subarray(start, this.#wordsUsed));
      this.#words = shrunk;
    } else {
      this.#words.copyWithin(0, start, this.#wordsUsed);
      this.#words.fill(0, kept, this.#wordsUsed);
    }
    this.#wordsUsed = kept;
  }
}

function wordBaseOf(place: number): number {
  return Math.floor(place / bitsPerWord) * bitsPerWord;
}

function countIn(words: Uint32Array, wordsEnd: number): number {
  let count = 0;
  for (let index = 0; index < wordsEnd; index++) count += countBits(words[index] ?? 0);
  return count;
}
