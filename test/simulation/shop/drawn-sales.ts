// Sales with shops and fans drawn at random, and what is measured of them. JUNBAN_SEED repeats one seed.

import { seededRandom } from '../../../loadtest/seeded-random.ts';
import { firstSeed, isOneSeed } from '../first-seed.ts';
import { type SaleSecond, type SaleSettings, SimulatedSale } from './simulated-sale.ts';

const shopsPerScenario = 8;
/** Until then the shop is filled from a tenth or more of what it bears. */
export const filledMs = 210_000;
export const filled = filledMs / 1_000;

const sum = (seconds: readonly SaleSecond[], of: (second: SaleSecond) => number) =>
  seconds.reduce((total, second) => total + of(second), 0);
export const used = (seconds: readonly SaleSecond[]) =>
  sum(seconds, each => each.served) / sum(seconds, each => each.knee);
const shareOf = (seconds: readonly SaleSecond[], of: (second: SaleSecond) => number) =>
  sum(seconds, of) /
  Math.max(
    1,
    sum(seconds, each => each.requests),
  );
export const errorShare = (seconds: readonly SaleSecond[]) => shareOf(seconds, each => each.errors);
export const heldShare = (seconds: readonly SaleSecond[]) => shareOf(seconds, each => each.held);

/** What an answer takes at ease: from a cached page to one that asks three others. */
const services = [
  [10, 20],
  [100, 200],
  [300, 600],
] as const;

export function saleOf(seed: number, changed: Partial<SaleSettings> = {}): SimulatedSale {
  const random = seededRandom(seed);
  const knee = Math.round(10 ** random.between(1.6, 2.6));
  const thinks = [
    [300, 2_000],
    [800, 6_000],
    [2_000, 12_000],
  ] as const;
  const thinksMs = thinks[Math.floor(random.between(0, 3))] ?? thinks[0];
  // The operator's guess is too low, by how much nobody knows: a visit is eight requests on average.
  const pacePerMinute = (knee / 8) * 60 * random.between(0.1, 0.5);
  const serviceMs = services[Math.floor(random.between(0, services.length))] ?? services[0];
  const drawn = { seed, knee, thinksMs, serviceMs, pacePerMinute };
  return new SimulatedSale({ ...drawn, autopilot: {}, hasTurnstile: true, ...changed });
}

/** When the shop was first used for nine tenths over ten seconds; seconds from the beginning. */
export function secondsUntilUsed(seconds: readonly SaleSecond[]): number {
  for (let at = 10; at <= seconds.length; at += 1) if (used(seconds.slice(at - 10, at)) >= 0.9) return at;
  return Number.POSITIVE_INFINITY;
}

/** Plays each shop, and returns what was measured of them, from the least to the most. */
export function forShops(what: string, play: (seed: number) => number, shops = shopsPerScenario): readonly number[] {
  const count = isOneSeed ? 1 : shops;
  const measured: number[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    try {
      measured.push(play(seed));
    } catch (error) {
      throw new Error(`JUNBAN_SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  measured.sort((one, other) => one - other);
  const mean = measured.reduce((total, value) => total + value, 0) / count;
  const [least, most] = [measured.at(0) ?? Number.NaN, measured.at(-1) ?? Number.NaN];
  console.log(
    `${what}: mean ${mean.toFixed(2)}, from ${least.toFixed(2)} to ${most.toFixed(2)}; seeds from ${firstSeed}`,
  );
  return [mean, least, most];
}
