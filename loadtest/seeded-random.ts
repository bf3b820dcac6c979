// Reproducible randomness for the demo shop and the simulated fans; not for keys, tickets or draws.
export interface SeededRandom {
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number;
  /** A number from `least` (included) to `most` (excluded). */
  between(least: number, most: number): number;
  /** True with the given probability. */
  chance(share: number): boolean;
}

/** Mulberry32: 32 bits of state, good enough for think times and choices. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number): number => least + fraction() * (most - least);
  return { fraction, between, chance: share => fraction() < share };
}
