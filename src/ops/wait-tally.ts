// How long devices really waited, and whether it was what they were told: who joined a line that moves when they joined,
// from a sample a second of how many numbers were handed out and what a device joining then was told; who came before a
// draw once its order was known, from one look along the line. Nothing is kept per device.

import type { HistogramCounts } from './counts.ts';

/** What a device that joined at that instant was told, as seconds; null: nothing. */
export type JoinSample = {
  readonly atMs: number;
  readonly handedOut: number;
  readonly told: readonly [low: number, high: number] | null;
};

/** One look along a line whose order was drawn, at the first moment at which anybody could be told anything. */
export type DrawnSample = {
  /** Arrival numbers below this one were drawn. */
  readonly drawn: number;
  /** Since when they wait: the start of the sale. */
  readonly fromMs: number;
  readonly atMs: number;
  /** From the front to the back; empty: what was told is not known here. */
  readonly along: readonly { readonly place: number; readonly told: readonly [low: number, high: number] }[];
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
  #drawn: DrawnSample | null = null;

  /** Once a second. */
  sample(sample: JoinSample): void {
    const last = this.#samples.at(-1);
    // A second in which nobody joined says nothing new.
    if (last !== undefined && last.handedOut === sample.handedOut) return;
    this.#samples.push(sample);
    if (this.#samples.length > samplesMax * 1.1) this.#samples = this.#samples.slice(-samplesMax);
  }

  /**
   * What another caller, or this gateway before it was started again, kept of the time before: when numbers were handed
   * out, not what was told. Oldest first.
   */
  recall(kept: readonly Pick<JoinSample, 'atMs' | 'handedOut'>[]): void {
    const first = this.#samples[0];
    let last = -1;
    const earlier: JoinSample[] = [];
    for (const { atMs, handedOut } of kept) {
      const isBefore = first === undefined || (atMs < first.atMs && handedOut < first.handedOut);
      if (!isBefore || handedOut <= last) continue;
      last = handedOut;
      earlier.push({ atMs, handedOut, told: null });
    }
    this.#samples = [...earlier, ...this.#samples];
  }

  /** When the order of a draw is known. */
  drew(sample: DrawnSample): void {
    this.#drawn = sample;
  }

  /** The device with this number was called, at this place. */
  called(number: number, atMs: number, place = number): void {
    const drawn = this.#drawn;
    if (drawn !== null && number < drawn.drawn) {
      this.#addWait(atMs - drawn.fromMs);
      return this.#addOutcome(toldAlong(drawn, place), atMs - drawn.atMs);
    }
    const joined = this.#joinOf(number);
    if (joined === null) return;
    this.#addWait(atMs - joined.atMs);
    this.#addOutcome(joined.told, Math.max(0, atMs - joined.atMs));
  }

  #addWait(waitMs: number): void {
    const known = Math.max(0, waitMs);
    const found = boundsMs.findIndex(boundMs => known <= boundMs);
    const slot = found < 0 ? boundsMs.length : found;
    this.waits.counts[slot] = (this.waits.counts[slot] ?? 0) + 1;
    this.waits.sumMs += known;
  }

  #addOutcome(told: JoinSample['told'], waitMs: number): void {
    if (told === null) return;
    const [low, high] = told;
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

/** Between two places that were looked at, evenly; null outside of them. */
function toldAlong({ along }: DrawnSample, place: number): JoinSample['told'] {
  const next = along.findIndex(each => each.place >= place);
  const [before, after] = [along[next - 1], along[next]];
  if (after === undefined) return null;
  if (after.place === place) return after.told;
  if (before === undefined) return null;
  const share = (place - before.place) / (after.place - before.place);
  const between = (low: number, high: number) => low + share * (high - low);
  return [between(before.told[0], after.told[0]), between(before.told[1], after.told[1])];
}
