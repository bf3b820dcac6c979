// How earlier estimates of a room turned out, and so how wide a range must be to hold four of five waits: the quantiles of
// (true wait / expected wait) over the latest outcomes, by how long the wait was, and a margin that answers to how often
// ranges held.

export type WaitBand = { readonly low: number; readonly high: number };

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
/** Waits up to so long are judged together. */
const horizonsMs = [20_000, 60_000, 180_000, 600_000, Number.POSITIVE_INFINITY] as const;
const outcomesKept = 200;
/** Fewer outcomes say too little. */
const outcomesMin = 20;
const estimatesOpenMax = 500;
/** How fast the margin answers to ranges that hold too often or too seldom, and how far it goes, as logarithms. */
const marginStep = 0.01;
const marginMin = -0.2;
const marginMax = 1;

type Horizon = { readonly ratios: number[]; margin: number };

export class WaitCalibration {
  readonly #open = new Map<number, Estimated>();
  readonly #horizons: readonly Horizon[] = horizonsMs.map(() => ({ ratios: [], margin: 0 }));
  readonly #errors: number[] = [];
  /** How many told ranges held the true wait, and how many did not. */
  readonly outcomes = { held: 0, missed: 0 };

  /** The median of |true wait / expected wait − 1| over the latest outcomes; null: there are none. */
  get errorMedian(): number | null {
    if (this.#errors.length === 0) return null;
    return quantile(this.#errors, 0.5);
  }

  /** How much of what is to be known of this room is known by outcomes: 0 nothing, 1 all. */
  get experience(): number {
    return Math.min(1, (this.outcomes.held + this.outcomes.missed) / outcomesKept);
  }

  /** A device was told this; its call will tell how true it was. One estimate a device at a time. */
  estimated(estimate: Estimated): void {
    if (this.#open.size < estimatesOpenMax && !this.#open.has(estimate.place)) this.#open.set(estimate.place, estimate);
  }

  called(places: readonly number[], atMs: number): void {
    for (const place of places) {
      const estimate = this.#open.get(place);
      if (estimate === undefined) continue;
      this.#open.delete(place);
      this.#conclude(estimate, atMs - estimate.atMs);
    }
  }

  /** Estimates of devices that have gone, or of a pace and a room that are not the same any more, prove nothing. */
  forget(isVoid: (estimate: Estimated) => boolean): void {
    for (const estimate of this.#open.values()) if (isVoid(estimate)) this.#open.delete(estimate.place);
  }

  /** Factors of the expected wait between which four of five waits lie; null while too little is known. */
  band(expectedMs: number): WaitBand | null {
    const horizon = this.#horizons[horizonOf(expectedMs)];
    if (horizon === undefined || horizon.ratios.length < outcomesMin) return null;
    const tail = (1 - coverageWanted) / 2;
    const [low, middle, high] = [tail, 0.5, 1 - tail].map(share => quantile(horizon.ratios, share));
    if (low === undefined || middle === undefined || high === undefined) return null;
    const factor = Math.exp(horizon.margin);
    return { low: Math.min(middle, low / factor), high: Math.max(middle, high * factor) };
  }

  #conclude({ expectedMs, lowMs, highMs }: Estimated, tookMs: number): void {
    const isHeld = tookMs >= lowMs && tookMs <= highMs;
    this.outcomes[isHeld ? 'held' : 'missed'] += 1;
    const horizon = this.#horizons[horizonOf(expectedMs)];
    if (horizon === undefined || expectedMs <= 0) return;
    const ratio = tookMs / expectedMs;
    keep(horizon.ratios, ratio);
    keep(this.#errors, Math.abs(ratio - 1));
    // Held more often than wanted: narrower; missed: wider. In the long run the share of held ones is the wanted one.
    const margin = horizon.margin + marginStep * ((isHeld ? 0 : 1) - (1 - coverageWanted));
    horizon.margin = Math.min(marginMax, Math.max(marginMin, margin));
  }
}

function horizonOf(expectedMs: number): number {
  return horizonsMs.findIndex(mostMs => expectedMs <= mostMs);
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > outcomesKept) values.shift();
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}
