// Arithmetic on single 32-bit words, shared by the sets of places.
// Leaves windows, growth and order to bitmap.ts and line-order.ts.

export const bitsPerWord = 32;

/** How many bits of the word are set. */
export function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The index (0 to 31) of the lowest set bit; 32 when no bit is set. */
export function lowestBit(word: number): number {
  return word === 0 ? bitsPerWord : 31 - Math.clz32(word & -word);
}

/** Appends the places of the set bits to `places`, lowest first, until it holds `lengthMax` of them. */
export function pushPlaces(places: number[], word: number, wordBase: number, lengthMax: number): void {
  for (let rest = word; rest !== 0 && places.length < lengthMax; rest &= rest - 1) {
    places.push(wordBase + lowestBit(rest));
  }
}
