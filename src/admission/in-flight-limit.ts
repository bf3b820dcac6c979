// How many requests the shop can work on at once, learned from how long it takes: while more in flight only means longer
// answers, the limit falls; while it makes no difference, the limit rises. The gradient of Netflix' concurrency-limits,
// with the median at ease as its measure. Answers that are as slow with fewer in flight are at ease, too.

import { SlownessTrial } from './slowness-trial.ts';

/** Samples of so long a time, and at least so many, make one step. */
const stepMs = 250;
const samplesMin = 20;
/** The limit falls while the median is above this multiple of the median at ease, and by more than this above it. */
const tolerance = 2;
const toleranceMs = 60;
const limitMin = 6;
const limitMax = 10_000;
const limitAtFirst = 20;
/** One step changes the limit by at most this share of what the gradient says. */
const smoothing = 0.5;
/** What one step says is noisy: what is typical follows by this part of the difference. */
const following = 0.4;
/** A step by more than this factor is no noise. */
const otherFactor = 2;
/** After errors that come of too much work. */
const errorCut = 0.7;
/** While answers are slow, the long requests that were there at ease are forgotten by this part a step. */
const longForgetting = 0.005;

export class InFlightLimit {
  #limit = limitAtFirst;
  #easeMs: number | null = null;
  readonly #trial = new SlownessTrial();
  #typical: { readonly medianMs: number; readonly inFlight: number } | null = null;
  /** Requests in flight that take long without costing the shop anything, as a login elsewhere does: now, and at ease. */
  #long = 0;
  #longAtEase = 0;
  #samples: number[] = [];
  #inFlightSum = 0;
  #mostInFlight = 0;
  #hasErrors = false;
  #stepAtMs = 0;

  /** Whole requests. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** The median while the shop is at ease; null: nothing is known yet. */
  get easeMs(): number | null {
    return this.#easeMs;
  }

  /** A request was answered (`latencyMs`), or failed as requests do when the shop has too many (null). */
  observe(latencyMs: number | null, inFlight: number, nowMs: number): void {
    if (latencyMs === null) this.#hasErrors = true;
    else {
      this.#samples.push(latencyMs);
      this.#inFlightSum += inFlight;
    }
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight);
    const isEnough = this.#samples.length >= samplesMin || this.#hasErrors;
    if (isEnough && nowMs - this.#stepAtMs >= stepMs) this.#step(nowMs);
  }

  #step(nowMs: number): void {
    if (this.#samples.length >= samplesMin) {
      this.#noteLong(nowMs - this.#stepAtMs);
      this.#follow(medianOf(this.#samples));
    }
    if (this.#hasErrors) this.#limit = Math.max(limitMin, this.#limit * errorCut);
    this.#samples = [];
    this.#inFlightSum = 0;
    this.#mostInFlight = 0;
    this.#hasErrors = false;
    this.#stepAtMs = nowMs;
  }

  #follow(medianOfStepMs: number): void {
    const isIdle = this.#mostInFlight < this.#limit / 2;
    const { medianMs, inFlight } = this.#noteTypical(medianOfStepMs);
    const isSlow = medianMs > bearableMs(this.#easeMs ?? medianMs);
    if (!isSlow) this.#trial.end();
    const borne = isSlow ? this.#trial.borne({ inFlight, latencyMs: medianMs }) : null;
    if (borne !== null) this.#limit = Math.max(this.#limit, borne);
    this.#learnEase(medianMs, borne !== null);
    this.#longAtEase = isSlow ? this.#longAtEase * (1 - longForgetting) : this.#long;
    const gradient = Math.max(0.5, Math.min(1, bearableMs(this.#easeMs ?? medianMs) / Math.max(medianMs, 0.1)));
    const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
    // A limit that nobody reaches proves nothing.
    if (isIdle && wanted > this.#limit) return;
    const next = this.#limit + (wanted - this.#limit) * smoothing;
    this.#limit = Math.min(limitMax, Math.max(this.#least(), next));
  }

  /** Long requests take no room from the others: else a shop that is well would get nothing but these. // AP100 */
  #least(): number {
    return limitMin + Math.min(this.#long, this.#longAtEase);
  }

  /** By Little's law: in flight, and not among those whose answers come as they usually do. */
  #noteLong(tookMs: number): void {
    const usual = this.#samples.reduce((sum, latencyMs) => sum + latencyMs, 0) / tookMs;
    const long = Math.max(0, this.#inFlightSum / this.#samples.length - usual);
    this.#long += (long - this.#long) * following;
  }

  /** How long answers take, and beside how many others: both follow alike, so that they belong together. */
  #noteTypical(medianMs: number): { readonly medianMs: number; readonly inFlight: number } {
    const inFlight = this.#inFlightSum / this.#samples.length;
    const before = this.#typical ?? { medianMs, inFlight };
    const isOther = medianMs > otherFactor * before.medianMs || before.medianMs > otherFactor * medianMs;
    const part = isOther ? 1 : following;
    this.#typical = {
      medianMs: before.medianMs + (medianMs - before.medianMs) * part,
      inFlight: before.inFlight + (inFlight - before.inFlight) * part,
    };
    return this.#typical;
  }

  /** Faster answers count, at once where they are far faster. It rises only where slowness does not come from what is in flight. // AP61 */
  #learnEase(medianMs: number, isOfItself: boolean): void {
    if (this.#easeMs === null || isOfItself || medianMs < this.#easeMs / otherFactor) this.#easeMs = medianMs;
    else if (medianMs < this.#easeMs || this.limit <= this.#least()) this.#easeMs += (medianMs - this.#easeMs) * 0.1;
  }
}

function bearableMs(easeMs: number): number {
  return Math.max(tolerance * easeMs, easeMs + toleranceMs);
}

function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
