// How earlier estimates of a room turned out, and so how wide a range must be to hold four of five waits. Online conformal
// prediction by tracking quantiles (Gibbs and Candès 2021; Angelopoulos, Candès and Tibshirani 2023, "Conformal PID control"):
// each outcome moves the margin of either side a step, so that in the long run one of ten waits ends before the range and one
// of ten after it, whatever the room does.

/** How far a range goes below and above the expected wait, in units of what is in doubt. */
export type Margins = { readonly lower: number; readonly upper: number };

export type Estimated = {
  readonly place: number;
  readonly atMs: number;
  readonly expectedMs: number;
  /** What the device was told. */
  readonly lowMs: number;
  readonly highMs: number;
};

/** The share of waits that a range is to hold. */
export const coverageWanted = 0.8;
/** So many are to lie beyond it on either side. */
export const tail = (1 - coverageWanted) / 2;
/** Were the waits those of a normal law, so many would lie beyond this many units of doubt. */
export const tailDoubt = 1.28;
/** While nothing is known of a room: those of a normal law, and a little more on the far side, where holds and shops that break are. */
export const marginsAtFirst: Margins = { lower: tailDoubt, upper: 1.6 };
/** Waits up to so long are judged together. */
const horizonsMs = [20_000, 60_000, 180_000, 600_000, Number.POSITIVE_INFINITY] as const;
/** By a wait outside of the range the margin of all waits, and that of waits as long, grow by nearly this. */
const stepOfAll = 0.06;
const stepOfHorizon = 0.04;
/** What all waits teach leaves so much doubt at least, both margins together: only waits as long take the rest away. */
const ofAllLeast = 1;
/** Told in whole seconds, a range no wider than this hardly misses, and says nothing of longer waits. */
const roundedMsMax = 2_000;
/** No margin goes beyond, so that none is far away when it is needed. */
const marginMin = -4;
const marginMax = 8;
const errorsKept = 200;
const estimatesOpenMax = 500;

type Side = 'sooner' | 'later';
type Open = Estimated & { isLate: boolean };

/** Both sides' margins; every outcome moves them. */
class MarginTracker {
  lower: number;
  upper: number;
  readonly #step: number;

  constructor({ lower, upper }: Margins, step: number) {
    this.lower = lower;
    this.upper = upper;
    this.#step = step;
  }

  /** `miss`: on which side the wait was outside of the range; null: it was held. */
  note(miss: Side | null): void {
    this.lower = moved(this.lower, this.#step * ((miss === 'sooner' ? 1 : 0) - tail));
    this.upper = moved(this.upper, this.#step * ((miss === 'later' ? 1 : 0) - tail));
  }
}

function moved(margin: number, by: number): number {
  return Math.min(marginMax, Math.max(marginMin, margin + by));
}

export class WaitCalibration {
  readonly #open = new Map<number, Open>();
  readonly #ofAll = new MarginTracker(marginsAtFirst, stepOfAll);
  readonly #ofHorizons = horizonsMs.map(() => new MarginTracker({ lower: 0, upper: 0 }, stepOfHorizon));
  readonly #errors: number[] = [];
  /**
   * How many told ranges held the true wait, how many did not (from the moment they are over, even if nobody was called), and
   * how many were given up: the device went, or a change by hand or a hold made another room of it.
   */
  readonly outcomes = { held: 0, missed: 0, dropped: 0 };

  /** The median of |true wait / expected wait − 1| over the latest outcomes; null: there are none. */
  get errorMedian(): number | null {
    if (this.#errors.length === 0) return null;
    const sorted = [...this.#errors].sort((one, other) => one - other);
    const middle = (sorted.length - 1) / 2;
    return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  }

  /** A device was told this; its call will tell how true it was. One estimate a device at a time. */
  estimated(estimate: Estimated): void {
    if (this.#open.size >= estimatesOpenMax || this.#open.has(estimate.place)) return;
    this.#open.set(estimate.place, { ...estimate, isLate: false });
  }

  called(places: readonly number[], atMs: number): void {
    for (const place of places) {
      const estimate = this.#open.get(place);
      if (estimate === undefined) continue;
      this.#open.delete(place);
      const tookMs = atMs - estimate.atMs;
      if (estimate.expectedMs > 0) this.#keepError(Math.abs(tookMs / estimate.expectedMs - 1));
      if (estimate.isLate) continue;
      this.#note(estimate, tookMs < estimate.lowMs ? 'sooner' : tookMs > estimate.highMs ? 'later' : null);
    }
  }

  /** Ranges that are over have missed, whenever the device is called: nobody learns it later than the device does. */
  passed(nowMs: number): void {
    for (const estimate of this.#open.values()) {
      if (estimate.isLate || nowMs - estimate.atMs <= estimate.highMs) continue;
      estimate.isLate = true;
      this.#note(estimate, 'later');
    }
  }

  /** Estimates of devices that have gone, or of a pace and a room that are not the same any more, prove nothing. */
  forget(isVoid: (estimate: Estimated) => boolean): void {
    for (const estimate of this.#open.values()) {
      if (!isVoid(estimate)) continue;
      this.#open.delete(estimate.place);
      if (!estimate.isLate) this.outcomes.dropped += 1;
    }
  }

  /** How wide a range for such a wait is to be. */
  margins(expectedMs: number): Margins {
    const { lower, upper } = this.#marginsTogether(expectedMs);
    // Sides that would pass each other meet.
    const middle = (upper - lower) / 2;
    return lower + upper >= 0 ? { lower, upper } : { lower: -middle, upper: middle };
  }

  #marginsTogether(expectedMs: number): Margins {
    const horizon = this.#ofHorizons[horizonOf(expectedMs)] ?? { lower: 0, upper: 0 };
    return { lower: this.#ofAll.lower + horizon.lower, upper: this.#ofAll.upper + horizon.upper };
  }

  #note({ expectedMs, lowMs, highMs }: Estimated, miss: Side | null): void {
    this.outcomes[miss === null ? 'held' : 'missed'] += 1;
    const isHeld = miss === null;
    // Sides that have met go no farther: the way back would be long.
    const together = this.#marginsTogether(expectedMs);
    if (!isHeld || together.lower + together.upper > 0) this.#ofHorizons[horizonOf(expectedMs)]?.note(miss);
    const isRounded = lowMs === 0 || highMs - lowMs <= roundedMsMax;
    if (isRounded || (isHeld && this.#ofAll.lower + this.#ofAll.upper <= ofAllLeast)) return;
    this.#ofAll.note(miss); // LN150
  }

  #keepError(error: number): void {
    this.#errors.push(error);
    if (this.#errors.length > errorsKept) this.#errors.shift();
  }
}

function horizonOf(expectedMs: number): number {
  return horizonsMs.findIndex(mostMs => expectedMs <= mostMs);
}
