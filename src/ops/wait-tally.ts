// How long devices really waited, and whether it was what they were told when they joined: from a sample a second of how
// many numbers were handed out and what a device joining then was told. Nothing is kept per device.

import type { HistogramCounts } from './counts.ts';

/** What a device that joined at that instant was told, as seconds; null: nothing. */
export type JoinSample = {
  readonly atMs: number;
  readonly handedOut: number;
  readonly told: readonly [low: number, high: number] | null;
};

export const estimateOutcomes = ['inside', 'sooner', 'later'] as const;
export type EstimateOutcome = (typeof estimateOutcomes)[number];

const boundsMs = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400].map(seconds => seconds * 1_000);
/** Four hours of seconds; who waited longer is counted in the last bucket. */
const samplesMax = 14_400;

export class WaitTally {
  readonly waits: HistogramCounts & { readonly counts: number[]; sumMs: number } = {
    boundsMs,
    counts: new Array<number>(boundsMs.length + 1).fill(0),
    sumMs: 0,
  };
  readonly estimates: Record<EstimateOutcome, number> = { inside: 0, sooner: 0, later: 0 };
  #samples: JoinSample[] = [];

  /** Once a second. */
  sample(sample: JoinSample): void {
    const last = this.#samples.at(-1);
    // A second in which nobody joined says nothing new.
    if (last !== undefined && last.handedOut === sample.handedOut) return;
    this.#samples.push(sample);
    if (this.#samples.length > samplesMax * 1.1) this.#samples = this.#samples.slice(-samplesMax);
  }

  /** The device with this number was called. */
  called(number: number, atMs: number): void {
    const joined = this.#joinOf(number);
    if (joined === null) return;
    const waitMs = Math.max(0, atMs - joined.atMs);
    const found = boundsMs.findIndex(boundMs => waitMs <= boundMs);
    const slot = found < 0 ? boundsMs.length : found;
    this.waits.counts[slot] = (this.waits.counts[slot] ?? 0) + 1;
    this.waits.sumMs += waitMs;
    if (joined.told === null) return;
    const [low, high] = joined.told;
    // The sample stands for its second.
    const outcome = waitMs < (low - 1) * 1_000 ? 'sooner' : waitMs > (high + 1) * 1_000 ? 'later' : 'inside';
    this.estimates[outcome] += 1;
  }

  /** The first sample after this number was handed out; null: it was before all samples, or after them. */
  #joinOf(number: number): JoinSample | null {
    const first = this.#samples[0];
    if (first === undefined || number < first.handedOut) return null;
    let [low, high] = [1, this.#samples.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#samples[middle]?.handedOut ?? 0) > number) high = middle;
      else low = middle + 1;
    }
    return this.#samples[low] ?? null;
  }
}
